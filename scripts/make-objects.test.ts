import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PNG } from "pngjs";

const execute = promisify(execFile);
let folder: string;
const make = (name: string, ...rest: readonly string[]): Promise<unknown> =>
  execute(process.execPath, [join(import.meta.dirname, "make-objects.ts"), join(folder, name), "--per-class", "3", ...rest]);
const picture = async (...path: readonly string[]): Promise<PNG> =>
  PNG.sync.read(await readFile(join(folder, path[0] ?? "", "pictures", ...path.slice(1))));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-objects-"));
  await Promise.all([make("a"), make("b"), make("c", "--seed", "2")]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("draws so many pictures of each of ten classes, the same ones from the same seed", async () => {
  const classes = (await readdir(join(folder, "a", "pictures"))).toSorted();
  expect(classes).toHaveLength(10);
  const seen = new Set<string>();
  for (const name of classes) {
    expect((await readdir(join(folder, "a", "pictures", name))).toSorted()).toEqual(["0001.png", "0002.png", "0003.png"]);
    const [a, b, c] = [
      await picture("a", name, "0001.png"),
      await picture("b", name, "0001.png"),
      await picture("c", name, "0001.png"),
    ];
    expect(a).toMatchObject({ width: 32, height: 32 });
    expect(a.data.equals(b.data)).toBe(true);
    expect(a.data.equals(c.data)).toBe(false);
    seen.add(a.data.toString("base64"));
  }
  expect(seen.size).toBe(10);
});

it("shows an object that differs from its background in brightness", async () => {
  const { data } = await picture("a", "square", "0001.png");
  const luma = (x: number, y: number): number => {
    const at = 4 * (32 * y + x);
    return 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  };
  const corners = [luma(1, 1), luma(30, 1), luma(1, 30), luma(30, 30)].reduce((sum, value) => sum + value, 0) / 4;
  expect(Math.abs(luma(16, 16) - corners)).toBeGreaterThan(15);
});
