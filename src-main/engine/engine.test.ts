import { symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LibraryState, SystemStatus } from "#shared/api/engine-api.ts";
import { createEngine } from "./engine.ts";
import { all, api, engine, folder, host, labelled, open, put, reopen, useEngine } from "./testing/engine-bench.ts";

useEngine();

describe("workspace", () => {
  it("is a folder with a place for everything, open once", async () => {
    for (const name of ["recordings", "datasets", "runs", "models", "library.sqlite"])
      expect(existsSync(join(folder, "ws", name))).toBe(true);
    await expect(createEngine({ host, workspace: join(folder, "ws") })).rejects.toMatchObject({ code: "workspace-locked" });
    await engine.close();
    await open();
    expect((await api.workspace.info()).notices).toEqual([]);
  });

  it("can be exchanged for another, and the feeds follow", async () => {
    await labelled(1);
    const states = api.library.watch()[Symbol.asyncIterator]() as AsyncIterator<LibraryState, undefined>;
    const first = (await states.next()).value;
    await api.workspace.open(join(folder, "other"));
    expect((await states.next()).value?.revision).toBeGreaterThan(first?.revision ?? 0);
    expect((await api.library.facets()).clips).toBe(0);
    expect((await api.settings.get()).lastWorkspace).toBe(join(folder, "other"));
    await api.workspace.open(join(folder, "ws"));
    expect((await api.library.facets()).clips).toBe(3);
    await states.return?.(undefined);
  });

  it("stays open when the other one cannot be opened", async () => {
    await put("file");
    await expect(api.workspace.open(join(folder, "file"))).rejects.toMatchObject({ code: "exists" });
    expect((await api.workspace.info()).name).toBe("ws");
    expect((await api.library.edit({ kind: "add-class", name: "Rock" })).created).toHaveLength(1);
  });
});

describe("settings", () => {
  it("survive a restart, keep what they do not know, and refuse what makes no sense", async () => {
    await writeFile(
      join(folder, "data", "settings.json"),
      JSON.stringify({ version: 1, theme: "light", future: [1], tourStep: "x" }),
    );
    await reopen();
    expect(await api.settings.get()).toMatchObject({ theme: "light", tourStep: 0, future: [1] });
    await Promise.all([api.settings.set({ ui: { a: 1 } }), api.settings.set({ ui: { b: 2 } })]);
    await expect(api.settings.set({ theme: "pink" as never })).rejects.toMatchObject({ code: "bad-argument" });
    await reopen();
    expect(await api.settings.get()).toMatchObject({ theme: "light", future: [1], ui: { a: 1, b: 2 } });
  });

  it("start anew when the file is broken, and keep it", async () => {
    await writeFile(join(folder, "data", "settings.json"), "{");
    await reopen();
    expect((await api.workspace.info()).notices[0]).toMatch(/settings could not be read/);
    expect(existsSync(join(folder, "data", "settings.json.damaged"))).toBe(true);
  });
});

describe("files", () => {
  it("stay inside the roots of the host, links included", async () => {
    await put("allowed/a.raw");
    await put("allowed/sub/b.raw");
    await put("secret/c.raw");
    await symlink(join(folder, "secret"), join(folder, "allowed", "way-out"));
    await engine.close();
    await open("ws", [join(folder, "allowed")]);
    expect((await api.files.browse()).entries.map(({ path }) => path)).toEqual([join(folder, "allowed")]);
    const listing = await api.files.browse(join(folder, "allowed"));
    expect(listing.entries.map(({ name, directory }) => [name, directory])).toEqual([
      ["sub", true],
      ["way-out", true],
      ["a.raw", false],
    ]);
    expect(listing.parent).toBeUndefined();
    expect((await api.files.browse(join(folder, "allowed", "sub"))).parent).toBe(join(folder, "allowed"));
    const outside = [
      join(folder, "secret", "c.raw"),
      join(folder, "allowed", "..", "secret", "c.raw"),
      join(folder, "allowed", "way-out", "c.raw"),
      "/etc/passwd",
    ];
    for (const path of outside) {
      await expect(api.files.inspect(path)).rejects.toMatchObject({ code: "denied" });
      await expect(api.streams.open({ kind: "recording", path })).rejects.toMatchObject({ code: "denied" });
      await expect(all(api.library.add([path]))).rejects.toMatchObject({ code: "denied" });
      await expect(api.datasets.add(path, { name: "x" })).rejects.toMatchObject({ code: "denied" });
      await expect(
        all(api.files.convert({ input: join(folder, "allowed", "a.raw"), output: `${path}.out` })),
      ).rejects.toMatchObject({ code: "denied" });
    }
    await expect(api.files.browse(join(folder, "allowed", "way-out"))).rejects.toMatchObject({ code: "denied" });
    expect((await api.files.inspect(join(folder, "allowed", "a.raw"))).events).toBe(5);
    expect((await api.files.inspect(join(folder, "ws", "x.raw"))).events).toBe(5); // its own workspace
  });
});

describe("about the machine", () => {
  it("answers what status bar and doctor show", async () => {
    const status = api.status()[Symbol.asyncIterator]() as AsyncIterator<SystemStatus, undefined>;
    const { value } = await status.next();
    expect(value?.memoryBytes).toBeGreaterThan(1e7);
    expect(value?.freeDiskBytes).toBeGreaterThan(0);
    await status.return?.(undefined);
    const report = await api.doctor();
    expect(report.workspace.path).toBe(join(folder, "ws"));
    expect(report.cameras).toHaveLength(1);
    expect(report.checks.find(({ name }) => name === "Compute worker")).toMatchObject({
      ok: false,
      detail: 'There is no method "probe"',
    });
    expect((await api.about()).host).toBe("test");
    expect(basename(report.workspace.path)).toBe("ws");
  });
});
