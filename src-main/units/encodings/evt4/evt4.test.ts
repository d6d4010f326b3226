import { afterEach, describe, expect, test } from "vitest";
import { useEventKernels } from "#main/lib/kernels.ts";
import { createPlainEventKernels } from "#main/kernels/plain-events.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, randomEvents } from "../testing/events.ts";
import { evt4Bytes } from "../testing/prophesee-words.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { evt4 } from "./evt4.ts";

const sensor = { width: 100, height: 50 };
const bytesOf = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);

afterEach(() => useEventKernels(undefined));

describe.each(["compiled or plain", "plain"])("EVT 4.0 decoder, kernels %s", (which) => {
  const use = (): void => useEventKernels(which === "plain" ? createPlainEventKernels() : undefined);

  test("single events, vectors whose mask looks like a time word, triggers, padding", () => {
    use();
    const decoder = evt4.createDecoder(sensor);
    const words = [
      0xe000_0001, // 64 µs
      0xa000_0000 + 2 * 2 ** 22 + 9 * 2048 + 4, // OFF at 9, 4
      0xb000_0000 + 99 * 2048 + 49, // ON at 99, 49
      0xd000_0000 + 32 * 2048 + 5, // ON row from 32
      0xe000_0001, // its mask: bits 0, 29, 30, 31
      0xffff_ffff,
      0x9000_0000 + 5 * 2 ** 22 + 3 * 256 + 1,
      0x6000_0014,
      0x7000_0001,
      0x1234_5678, // no type of EVT 4.0
    ];
    expect(decodeAll(decoder, bytesOf(...words))).toEqual([
      [66, 9, 4, 0],
      [64, 99, 49, 1],
      [64, 32, 5, 1],
      [64, 61, 5, 1],
      [64, 62, 5, 1],
      [64, 63, 5, 1],
    ]);
    expect(decoder.triggers()).toEqual([{ t: 69, channel: 3, value: 1 }]);
    expect(decoder.skipped?.()).toEqual({ offset: 36, bytes: 4 });
  });

  test("a mask before the first time and beyond the sensor is counted, not taken for a word", () => {
    use();
    const decoder = evt4.createDecoder(sensor);
    const row = 0xc000_0000 + 96 * 2048 + 5;
    expect(decodeAll(decoder, bytesOf(row, 0xe000_0007, 0xe000_0001, row, 0xff))).toEqual([
      [64, 96, 5, 0],
      [64, 97, 5, 0],
      [64, 98, 5, 0],
      [64, 99, 5, 0],
    ]);
    expect(decoder.dropped()).toEqual({ "before the first time": 6, "beyond the sensor": 4 });
  });

  test("any split and any change of decoder gives the same events and triggers, over a turn of the clock too", () => {
    use();
    const rows = randomEvents(seeded(6), 2500, sensor, 0.05).map(([t, ...rest]) => [t + 2 ** 34 - 900_000, ...rest] as const);
    const triggers = [{ t: rows[1200]![0] - 1, channel: 7, value: 1 }];
    const bytes = evt4Bytes({ rows, triggers });
    const found = expectResumable(evt4, sensor, bytes);
    expect(found.rows).toEqual(rows);
    expect(found.triggers).toEqual(triggers);
    expect(expectResumable(evt4, sensor, damaged(bytes, 3, 60)).rows.length).toBeGreaterThan(1500);
  });
});

test("a preamble lets a fresh decoder begin anywhere, between a vector and its mask too", () => {
  const bytes = evt4Bytes({ rows: randomEvents(seeded(4), 500, sensor) });
  let vectors = 0;
  for (let cut = 4; cut < bytes.length; cut += 4) {
    const first = evt4.createDecoder(sensor);
    decodeAll(first, bytes.subarray(0, cut));
    if (first.state()["vector"] !== 0) vectors += 1;
    const expected = decodeAll(evt4.createDecoder(sensor, first.state()), bytes.subarray(cut));
    const joined = Buffer.concat([evt4.preamble(first.state()), bytes.subarray(cut)]);
    expect(decodeAll(evt4.createDecoder(sensor), joined)).toEqual(expected);
  }
  expect(vectors).toBeGreaterThan(10);
});
