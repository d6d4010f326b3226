// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { FakeEngine } from "#renderer/testing/fake-engine.ts";
import { fillLibrary } from "#renderer/testing/fake-library.ts";
import { startedApp } from "#renderer/testing/started-app.ts";
import { hrefOf, parseRoute } from "./address.ts";
import { App } from "./app.svelte.ts";
import { matchSpans, score } from "./commands.svelte.ts";
import { Toasts } from "./toasts.svelte.ts";

describe("the application's state", () => {
  let app: App | undefined;
  afterEach(() => app?.close());

  it("connects again by itself when the engine goes away, and says so meanwhile", async () => {
    const engine = new FakeEngine();
    const client = engine.client();
    const closers: ((reason: string) => void)[] = [];
    const openEngine = vi.fn(async () => {
      const line = await client.openEngine();
      return { ...line, onClose: (handler: (reason: string) => void) => void closers.push(handler) };
    });
    app = new App({ ...client, openEngine });
    void app.run();
    await vi.waitFor(() => expect(app?.connection).toBe("open"));
    const first = app.engine;
    closers[0]?.("the server ends");
    await vi.waitFor(() => expect(app?.connection).toBe("lost"));
    expect(app.connectionError?.message).toBe("the server ends");
    await vi.waitFor(() => expect(app?.connection).toBe("open"), 3000);
    expect(openEngine).toHaveBeenCalledTimes(2);
    expect(app.engine).not.toBe(first);
  });

  it("shows a failure once, with its way out, and ignores what was called off", async () => {
    app = await startedApp(new FakeEngine());
    const refused = new AppError("denied", "/etc lies outside", { hint: "Choose another folder." });
    app.fail(refused);
    app.fail(refused);
    app.fail(new AppError("aborted", "Aborted by the caller"));
    expect(app.faults).toHaveLength(1);
    expect(app.faults[0]).toMatchObject({
      title: "/etc lies outside",
      detail: "Choose another folder.",
      details: "denied: /etc lies outside",
    });
    app.dismissFault(app.faults[0]?.id ?? 0);
    expect(app.faults).toHaveLength(0);
  });

  it("edits with a way back, and says when there is nothing to undo", async () => {
    const engine = new FakeEngine();
    fillLibrary(engine.library, 1, 2);
    app = await startedApp(engine);
    await app.undo();
    expect(app.toasts.list.at(-1)?.text).toBe("Nothing to undo");
    await app.edit({ kind: "add-class", name: "Clap" });
    await vi.waitFor(() => expect(app?.library.canUndo).toBe(true));
    const toast = app.toasts.list.at(-1);
    expect(toast?.action?.label).toBe("Undo");
    toast?.action?.run();
    await vi.waitFor(() => expect(engine.library.state.classes.some((one) => one.name === "Clap")).toBe(false));
    await vi.waitFor(() => expect(app?.library.canRedo).toBe(true));
    await app.redo();
    expect(engine.library.state.classes.some((one) => one.name === "Clap")).toBe(true);
  });

  it("remembers small things of pages, of the right type only", async () => {
    const engine = new FakeEngine();
    app = await startedApp(engine);
    app.remember("width.library", 300);
    await vi.waitFor(() => expect(engine.settings.ui["width.library"]).toBe(300));
    expect(app.remembered("width.library", 472)).toBe(300);
    expect(app.remembered("width.library", "wide")).toBe("wide");
    expect(app.remembered("unknown", 5)).toBe(5);
  });
});

describe("toasts", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("go after six seconds, stay under the pointer, and are never more than two", () => {
    const toasts = new Toasts();
    toasts.show("one");
    const two = toasts.show("two");
    toasts.show("three");
    expect(toasts.list.map((toast) => toast.text)).toEqual(["two", "three"]);
    toasts.pause(two);
    vi.advanceTimersByTime(7000);
    expect(toasts.list.map((toast) => toast.text)).toEqual(["two"]);
    toasts.resume(two);
    vi.advanceTimersByTime(7000);
    expect(toasts.list).toEqual([]);
  });
});

describe("addresses", () => {
  it("go both ways, whatever is in a name", () => {
    const href = hrefOf("library", ["a/b ü"], { clip: "s 1" });
    expect(parseRoute(href)).toEqual({ page: "library", parts: ["a/b ü"], query: { clip: "s 1" } });
    expect(parseRoute("")).toEqual({ page: "home", parts: [], query: {} });
    expect(parseRoute("#/library/%zz").parts).toEqual(["%zz"]);
  });
});

describe("finding commands", () => {
  it("matches words in any order and prefers the start", () => {
    expect(matchSpans("Export the recording", "rec exp")).toEqual([
      [0, 3],
      [11, 14],
    ]);
    expect(matchSpans("Export", "x y")).toBeUndefined();
    const record = score({ label: "Record" }, "rec") ?? 0;
    const word = score({ label: "Export recording" }, "rec") ?? 0;
    const inside = score({ label: "Direction" }, "rec") ?? 0;
    const detail = score({ label: "Export", detail: "recording" }, "rec") ?? 0;
    expect([record, word, inside, detail]).toEqual([record, word, inside, detail].toSorted((a, b) => b - a));
    expect(new Set([record, word, inside, detail]).size).toBe(4);
    expect(score({ label: "Undo" }, "rec")).toBeUndefined();
  });
});
