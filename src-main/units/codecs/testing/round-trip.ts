import { expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { baseFor } from "#shared/events/packet-writer.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { Codec, OpenRecording } from "../codec.ts";
import { openForTest } from "./open.ts";
import { memorySink, rowsFrom } from "./files.ts";

const sensor = { width: 240, height: 180 };

/** The bytes that a codec writes for these events, handed over in packets of `step`. */
export async function written(codec: Codec, rows: readonly EventRow[], step = 700, on = sensor): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await codec.create!(sink, { sensor: on, label: "x" });
  for (let i = 0; i < rows.length; i += step) {
    const part = rows.slice(i, i + step);
    const earliest = part.reduce((least, [t]) => Math.min(least, t), Infinity);
    await target.write(packetOf(part, baseFor(earliest)));
  }
  await target.close();
  return sink.bytes();
}

/** What a codec has to keep through writing and reading. */
export interface RoundTrip {
  /** Name of a file of this codec. */
  readonly name: string;
  /** Times below 0, and steps back, are kept. */
  readonly negative: boolean;
  readonly stepsBack: boolean;
  /** The first time that is kept, µs; later ones may be shifted. */
  readonly latestFirst?: number;
  /** Silence that is still written quickly, µs; two hours when absent. */
  readonly silence?: number;
}

/** Tests that hold for every writer: what is written is read back, whole and in parts, with and without an index. */
export function testRoundTrip(
  codec: Codec,
  { name, negative, stepsBack, latestFirst = Infinity, silence = 7_200_000_000 }: RoundTrip,
): void {
  const open = (bytes: Uint8Array): Promise<OpenRecording> => openForTest(codec, sourceOf(bytes, name));
  const rows: readonly EventRow[] = randomEvents(seeded(5), 6000, sensor, stepsBack ? 0.05 : 0);

  test("what is written is read back, and again what was read", async () => {
    const bytes = await written(codec, rows);
    expect(codec.probe(bytes.subarray(0, 4096), name, bytes.length)).toBe(true);
    const first = await rowsFrom((await open(bytes)).read({}));
    expect(first).toEqual(rows);
    const again = await written(codec, first, 4000);
    expect(await rowsFrom((await open(again)).read({}))).toEqual(rows);
  });

  test("parts of it, without an index and with one", async () => {
    const bytes = await written(codec, rows);
    const recording = await open(bytes);
    const entries = [];
    for await (const entry of recording.buildIndex!(500)) entries.push(entry);
    const other = await open(bytes);
    const third = await open(bytes);
    third.useIndex?.(entries);
    for (const [a, b] of [
      [0, 10],
      [1000, 2500],
      [5990, 5999],
    ] as const) {
      const [from, to] = [rows[a]![0], rows[b]![0]];
      const expected = rows.filter(([t]) => t >= from && t < to);
      for (const source of [recording, other, third]) expect(await rowsFrom(source.read({ from, to }))).toEqual(expected);
    }
    const times = rows.map(([t]) => t);
    expect(recording.info.range).toEqual({ start: Math.min(...times), end: Math.max(...times) + 1 });
    expect(recording.report().damage).toEqual([]);
  });

  test("times beyond 32 bits, long silences and the corners of the sensor", async () => {
    const start = Math.min(latestFirst, 5_000_000_000_123);
    const late: EventRow[] = [
      [start, 0, 0, 1],
      [start + 1, 239, 179, 0],
      [start + silence, 239, 0, 1],
      [start + silence, 0, 179, 0],
    ];
    const parts = [late.slice(0, 2), late.slice(2)];
    const sink = memorySink();
    const target = await codec.create!(sink, { sensor, label: "x" });
    for (const part of parts) await target.write(packetOf(part));
    await target.close();
    expect(await rowsFrom((await open(sink.bytes())).read({}))).toEqual(late);
  });

  test.runIf(negative)("times below zero", async () => {
    const early: EventRow[] = Array.from({ length: 50 }, (_, i) => [1000 * i - 20_123, i, 2 * i, i % 2]);
    expect(await rowsFrom((await open(await written(codec, early))).read({}))).toEqual(early);
  });

  test("a recording without events is written, and read as one without events", async () => {
    const recording = await open(await written(codec, []));
    expect(await rowsFrom(recording.read({}))).toEqual([]);
    expect(recording.report().damage).toEqual([]);
  });
}
