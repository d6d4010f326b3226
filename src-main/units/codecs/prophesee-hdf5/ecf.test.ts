import { describe, expect, test } from "vitest";
import { packXyp } from "#shared/events/packet.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { decodeEcf, EcfError } from "./ecf-decode.ts";
import { EcfEncoder } from "./ecf-encode.ts";

const sensor = { width: 1280, height: 720 };
const encoder = new EcfEncoder(16_384);

function encoded(rows: readonly EventRow[], packing?: number): Uint8Array {
  const times = Float64Array.from(rows, ([t]) => t);
  const xyp = Uint32Array.from(rows, ([, x, y, p]) => packXyp(x, y, p));
  return encoder.encode(times, xyp, rows.length, packing).slice();
}

function decoded(bytes: Uint8Array, limit = 16_384): EventRow[] {
  const words = new Uint32Array(2 * limit);
  const { count, parts } = decodeEcf(bytes, words, limit);
  return Array.from({ length: count }, (_, i) => {
    const { t0 } = parts.findLast(({ index }) => index <= i)!;
    const word = words[2 * i + 1]!;
    return [t0 + words[2 * i]!, word & 0x3fff, (word >>> 14) & 0x3fff, word >>> 28];
  });
}

/** Events of all sorts: bursts, long runs of a row, of a time and of a polarity, long silences. */
function mixed(seed: number, count: number): EventRow[] {
  const random = seeded(seed);
  const rows = randomEvents(random, count, sensor);
  let shift = 0;
  return rows.map(([t, x, y, p], i) => {
    if (random() < 0.002) shift += Math.floor(random() * 40_000_000_000);
    const quiet = i % 400 < 150;
    return [quiet ? rows[i - (i % 400)]![0] + shift : t + shift, x, quiet ? 7 : y, quiet ? 1 : p] as const;
  });
}

describe("ECF chunks", () => {
  test.each([0, 1, 2])("packing %i gives back what went in", (packing) => {
    for (const count of [1, 2, 3, 4, 5, 63, 1000, 16_384]) {
      const rows = mixed(count, count).sort(([a], [b]) => a - b);
      const bytes = encoded(rows, packing);
      expect(bytes[0]! & 3).toBe(packing);
      expect(decoded(bytes)).toEqual(rows);
    }
  });

  test("bytes by hand: a run list of times, rows, columns with a mask, polarities", () => {
    // 4 events at 100, 100, 100 and 100 + 0x123 µs: rows 5, 5, 5, 6, columns 10, 11, 15 and 3, polarities ON, ON, OFF, OFF
    const chunk = [16, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0x03, 0xf3, 0xf2, 0xf1, 0x01];
    const pixels = [(5 << 5) | 3, (6 << 5) | 1, (10 << 5) | 0b10001, 3 << 5].flatMap((word) => [word & 255, word >>> 8]);
    const bytes = Uint8Array.from([...chunk, ...pixels, 0x82, 0x02]);
    const rows: EventRow[] = [
      [100, 10, 5, 1],
      [100, 11, 5, 1],
      [100, 15, 5, 0],
      [391, 3, 6, 0],
    ];
    expect(decoded(bytes)).toEqual(rows);
    expect([...encoded(rows, 0)]).toEqual([...bytes]);
  });

  test("the encoder picks lists for rows of neighbours and words for scattered events", () => {
    const scattered = randomEvents(seeded(3), 4000, sensor).map(([t], i): EventRow => [t, (i * 577) % 1280, (i * 331) % 720, 0]);
    const sweep = Array.from({ length: 4000 }, (_, i): EventRow => [i >>> 6, 2 * (i % 600), Math.floor(i / 600), 1]);
    const sparse = Array.from({ length: 4000 }, (_, i): EventRow => [i >>> 6, (i * 97) % 1280, Math.floor(i / 100), 1]);
    expect([scattered, sparse, sweep].map((rows) => encoded(rows)[0]! & 3)).toEqual([2, 1, 0]);
  });

  test("times pass 2^32 µs within a chunk", () => {
    const rows: EventRow[] = [0, 1, 4_294_967_295, 4_294_967_296, 9e12].map((t, i) => [t, i, i, i % 2]);
    expect(decoded(encoded(rows))).toEqual(rows);
  });

  test("every cut and every wrong count is refused", () => {
    for (const packing of [0, 1, 2]) {
      const bytes = encoded(mixed(9, 200), packing);
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => decoded(bytes.subarray(0, length))).toThrow(EcfError);
      }
      expect(() => decoded(bytes, 199)).toThrow("more than the 199 of a chunk");
    }
  });
});
