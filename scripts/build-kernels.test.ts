import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { kernelPath, rootDir } from "#main/lib/paths.ts";
import { buildKernels } from "./build-kernels.ts";

test("kernels are built when they are missing or older than their sources, and only then", async () => {
  await buildKernels();
  expect(await buildKernels()).toEqual([]);
  const path = kernelPath("events");
  utimesSync(path, new Date(0), new Date(0));
  expect(await buildKernels()).toEqual(["events"]);
  expect(WebAssembly.validate(readFileSync(path))).toBe(true);
  expect(readdirSync(dirname(path)).filter((name) => /\d+\.wasm$/.test(name))).toEqual([]);
  expect(path.startsWith(join(rootDir, "dist"))).toBe(true);
});
