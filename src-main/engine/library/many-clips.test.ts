import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLibrary, type Library } from "./library.ts";

/** As many as a busy lab has after years. */
const CLIPS = 10_000;
const PER_RECORDING = 10;
/** Far above what a query takes (see the figures it prints), so that a busy machine passes and a missing index does not. */
const LIMIT_MS = 500;

let folder: string;
let library: Library;
let classIds: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-many-"));
  library = openLibrary(folder, { readOnly: false, onChange: () => undefined });
  classIds = Array.from(
    { length: 8 },
    (_, index) => library.edit({ kind: "add-class", name: `Class ${index}` }).created[0] ?? "",
  );
  library.add(
    Array.from({ length: CLIPS / PER_RECORDING }, (_, index) => ({
      name: `take ${index}.raw`,
      path: join(folder, `take ${index}.raw`),
      codec: "prophesee-raw",
      sensor: { width: 1280, height: 720 },
      range: { start: 0, end: 20_000_000 },
      ...{ events: 1e6, on: 4e5, bytes: 4e6, metadata: { serial: "00050423" }, generated: false },
      segments: Array.from({ length: PER_RECORDING }, (_, part) => ({
        start: part * 2_000_000,
        end: part * 2_000_000 + 1_800_000,
        classId: classIds[(index + part) % 8] ?? "",
        subject: `Subject ${index % 12}`,
        state: "labelled" as const,
      })),
    })),
    "Added",
  );
});
afterAll(async () => {
  library.close();
  await rm(folder, { recursive: true, force: true });
});

describe(`${CLIPS} clips`, () => {
  it.each<[string, () => unknown]>([
    ["the first page", () => library.clips({ limit: 100 })],
    ["the last page", () => library.clips({ limit: 100, offset: CLIPS - 100 })],
    ["a page of one class", () => library.clips({ classIds: [classIds[3] ?? ""], limit: 100 })],
    ["a page of found text", () => library.clips({ text: "take 99", limit: 100 })],
    ["the counts", () => library.facets({})],
    ["the counts under a filter", () => library.facets({ classIds: [classIds[1] ?? ""], text: "subject 3" })],
  ])("lists %s fast", (name, work) => {
    work();
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    });
    const best = Math.min(...times);
    console.info(`library, ${CLIPS} clips, ${name}: ${best.toFixed(1)} ms`);
    expect(best).toBeLessThan(LIMIT_MS);
  });
});
