import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAst } from "vite";
import { connect } from "#shared/channel/channel.ts";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import type { StreamWorkerApi } from "#shared/api/stream-api.ts";
import { forkNode } from "#main/hosts/common/fork-node.ts";
import { rootDir } from "#main/lib/paths.ts";

/*
 * What the build makes: mistakes that compile, pass every unit test and fail at the first start.
 */

const dist = (...path: string[]): string => join(rootDir, "dist", ...path);
const read = (...path: string[]): string => readFileSync(dist(...path), "utf8");

/** A bundle with every chunk it pulls in. */
function closure(folder: string, entry: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(entry)) return seen;
  const text = read(folder, entry);
  seen.set(entry, text);
  for (const [, chunk] of text.matchAll(/(?:from|import)\s*\(?\s*"\.\/([\w./-]+\.mjs)"/g)) {
    const path = entry.includes("/") && chunk?.includes("/") !== true ? `${entry.split("/")[0]}/${chunk}` : (chunk ?? "");
    closure(folder, path, seen);
  }
  return seen;
}
const imported = (text: string): string[] =>
  [...text.matchAll(/(?:^import\s[^;]*?from\s*|^import\s*|import\()"([^".][^"]*)"/gm)].map(([, name]) => name ?? "");

/** Whether a module awaits something outside of every function. */
function waitsAtTopLevel(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if (Array.isArray(node)) return node.some(waitsAtTopLevel);
  const { type, await: loops } = node as { type?: unknown; await?: unknown };
  if (typeof type === "string" && /Function/.test(type)) return false;
  return type === "AwaitExpression" || loops === true || Object.values(node).some(waitsAtTopLevel);
}

beforeAll(() => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(rootDir, "scripts", "build.ts"), "--only", "kernels", "--only", "main"],
    {
      encoding: "utf8",
      env: { ...process.env, NODE_ENV: "production" },
    },
  );
  expect(status, stderr).toBe(0);
}, 120_000);

describe("the bundles", () => {
  it("are where main forks them and the window loads them", () => {
    for (const path of ["main/electron.mjs", "main/cli.mjs", "main/stream.mjs", "compute/compute.mjs", "preload/preload.cjs"])
      expect(existsSync(dist(path)), path).toBe(true);
  });

  it("have a preload that is one CommonJS file and requires nothing but electron", () => {
    expect(readdirSync(dist("preload"))).toEqual(["preload.cjs"]);
    const text = read("preload", "preload.cjs");
    expect([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(["electron"]);
    expect(text).not.toMatch(/^\s*(import|export)\s/m);
    expect(text).not.toContain("import(");
  });

  it("have workers that know nothing of electron", () => {
    for (const [folder, entry] of [
      ["main", "stream.mjs"],
      ["compute", "compute.mjs"],
      ["main", "cli.mjs"],
    ] as const)
      for (const [name, text] of closure(folder, entry)) expect(imported(text), `${entry}: ${name}`).not.toContain("electron");
  });

  it("wait for nothing at the top level of Electron's main module, nor of what it imports", () => {
    const bundle = closure("main", "electron.mjs");
    expect(bundle.size).toBeGreaterThan(3);
    expect(waitsAtTopLevel(parseAst("const f = async () => await 1;"))).toBe(false);
    expect(waitsAtTopLevel(parseAst("const x = { y: [await 1] };"))).toBe(true);
    for (const [name, text] of bundle) expect(waitsAtTopLevel(parseAst(text)), name).toBe(false);
  });

  it("load no tensors and no add-ons in main", () => {
    for (const [name, text] of closure("main", "electron.mjs"))
      expect(
        imported(text).filter((pack) => /^(usb|webgpu|@tensorflow\/)/.test(pack)),
        name,
      ).toEqual([]);
  });
});

describe("the workers", () => {
  it("start from the bundle: stream", async () => {
    const worker = await forkNode("stream", { entry: dist("main", "stream.mjs") });
    const { codecs, filters } = await connect<StreamWorkerApi>(worker.port).catalog();
    expect(codecs.length).toBeGreaterThan(0);
    expect(filters.length).toBeGreaterThan(0);
    worker.kill();
    await worker.exited;
  });

  it("start from the bundle: compute, with at least one place to compute", async () => {
    const worker = await forkNode("compute", { entry: dist("compute", "compute.mjs") });
    const reports = await connect<ComputeApi>(worker.port).probe();
    expect(reports.filter(({ ok }) => ok).map(({ id }) => id)).toContain("js");
    expect(reports.find(({ id }) => id === "wasm")).toMatchObject({ ok: true });
    worker.kill();
    await worker.exited;
  });
});
