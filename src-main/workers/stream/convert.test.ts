import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConvertOptions, ConvertProgress } from "#shared/api/stream-api.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { memorySink, rowsFrom } from "#main/units/codecs/testing/files.ts";
import { packetOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { convertRecording } from "./convert.ts";

const sensor = { width: 240, height: 180 };
const rows: readonly EventRow[] = Array.from({ length: 600 }, (_, i) => [
  1_000_000 + 100 * i,
  i % 240,
  (7 * i) % 180,
  i % 3 === 0 ? 1 : 0,
]);
const triggers = [
  { t: 1_010_000, channel: 1, value: 1 },
  { t: 1_020_000, channel: 1, value: 0 },
];

let folder: string;
let input: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "saccade-convert-"));
  input = join(folder, "in.raw");
  const raw = codecs.find(({ id }) => id === "prophesee-raw")!;
  const sink = memorySink();
  const target = await raw.create!(sink, { sensor, label: "in" });
  await target.write({ ...packetOf(rows), beside: { triggers } });
  await target.close();
  writeFileSync(input, sink.bytes());
});
afterEach(() => rmSync(folder, { recursive: true }));

async function convert(options: Omit<ConvertOptions, "input">): Promise<Extract<ConvertProgress, { kind: "done" }>> {
  let last: ConvertProgress | undefined;
  for await (const step of convertRecording({ input, ...options }, new AbortController().signal)) last = step;
  if (last?.kind !== "done") throw new Error("the conversion did not end");
  return last;
}

async function contents(path: string): Promise<{ readonly rows: EventRow[]; readonly triggers: number }> {
  const { recording } = await openRecording(path);
  const found = await rowsFrom(recording.read({}));
  const count = recording.report().triggers.length;
  await recording.close();
  return { rows: found, triggers: count };
}

describe("conversion", () => {
  test("keeps every event and, where there is room, the triggers", async () => {
    const output = join(folder, "out.aedat4");
    expect(await convert({ output })).toMatchObject({ events: 600, notKept: {}, exact: true });
    expect(await contents(output)).toEqual({ rows, triggers: 2 });
    expect(readdirSync(folder).sort()).toEqual(["in.raw", "out.aedat4"]);
  });

  test("notes beside the file what does not fit into it, and how times were moved", async () => {
    const output = join(folder, "out.csv");
    expect(await convert({ output, fromZero: true })).toMatchObject({ events: 600, notKept: { triggers: 2 } });
    expect((await contents(output)).rows).toEqual(rows.map(([t, x, y, p]) => [t - 1_000_000, x, y, p]));
    expect(JSON.parse(readFileSync(`${output}.not-kept.json`, "utf8"))).toEqual({
      convertedFrom: "in.raw",
      changes: { time_shift_us: "-1000000" },
      notKept: { triggers: 2 },
      triggers: triggers.map((trigger) => ({ ...trigger, t: trigger.t - 1_000_000 })),
    });
  });

  test("a dry run tells the same and writes nothing", async () => {
    const output = join(folder, "out.npy");
    const dry = await convert({ output, dryRun: true });
    expect(existsSync(output)).toBe(false);
    const real = await convert({ output });
    expect([dry.events, dry.bytes]).toEqual([real.events, real.bytes]);
  });

  test("cuts and filters as asked", async () => {
    const output = join(folder, "part.raw");
    const filters = [{ id: "polarity", params: { keep: "on" } }];
    await convert({ output, range: { from: 1_010_000, to: 1_030_000 }, filters });
    const wanted = rows.filter(([t, , , p]) => t >= 1_010_000 && t < 1_030_000 && p === 1);
    expect(await contents(output)).toEqual({ rows: wanted, triggers: 2 });
  });

  test("what fails or is interrupted leaves nothing behind", async () => {
    const output = join(folder, "out.raw");
    const stop = new AbortController();
    const work = async (): Promise<void> => {
      for await (const step of convertRecording({ input, output }, stop.signal)) void step;
    };
    stop.abort();
    await expect(work()).rejects.toThrow();
    await expect(convert({ output: join(folder, "out.xyz") })).rejects.toMatchObject({ code: "unknown-format" });
    expect(readdirSync(folder)).toEqual(["in.raw"]);
  });
});
