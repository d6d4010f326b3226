import { afterEach, describe, expect, test } from "vitest";
import { useEventKernels } from "#main/lib/kernels.ts";
import { createPlainEventKernels } from "#main/kernels/plain-events.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, randomEvents, type EventRow } from "../testing/events.ts";
import { evt21Bytes } from "../testing/prophesee-words.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { evt21, evt21Legacy } from "./evt21.ts";

const sensor = { width: 320, height: 320 };

afterEach(() => useEventKernels(undefined));

describe.each([
  { encoding: evt21, order: "little" as const },
  { encoding: evt21Legacy, order: "legacy" as const },
])("$encoding.label decoder", ({ encoding, order }) => {
  const bytesOf = (...words: readonly (readonly [high: number, low: number])[]): Uint8Array =>
    new Uint8Array(Uint32Array.from(words.flatMap(([a, b]) => (order === "little" ? [b, a] : [a, b]))).buffer);

  describe.each(["compiled or plain", "plain"])("kernels %s", (which) => {
    const use = (): void => useEventKernels(which === "plain" ? createPlainEventKernels() : undefined);

    test("masks are read from bit 0 up, the highest included", () => {
      use();
      const bytes = bytesOf([0x8000_0002, 0], [0x1000_0000 + 3 * 2 ** 22 + 64 * 2048 + 7, 0x8000_0005], [5, 2]);
      expect(decodeAll(encoding.createDecoder(sensor), bytes)).toEqual([
        [131, 64, 7, 1],
        [131, 66, 7, 1],
        [131, 95, 7, 1],
        [128, 1, 5, 0],
      ]);
    });

    test("what has no time, lies beyond the sensor or means nothing is counted", () => {
      use();
      const decoder = encoding.createDecoder({ width: 70, height: 10 });
      const bytes = bytesOf(
        [0x0000_0001, 0xf],
        [0x8000_0001, 0],
        [64 * 2048 + 3, 0xffff_ffff], // 6 of 32
        [96 * 2048 + 3, 3],
        [10, 1],
        [0x9999_9999, 0x9999_9999],
        [0xe000_0000, 7],
      );
      expect(decodeAll(decoder, bytes).map(([, x]) => x)).toEqual([64, 65, 66, 67, 68, 69]);
      expect(decoder.dropped()).toEqual({ "before the first time": 4, "beyond the sensor": 26 + 2 + 1 });
      expect(decoder.skipped?.()).toEqual({ offset: 40, bytes: 8 });
    });

    test("any split and any change of decoder gives the same events and triggers, over a turn of the clock too", () => {
      use();
      const rows = randomEvents(seeded(6), 2500, sensor, 0.05).map(([t, ...rest]) => [t + 2 ** 34 - 900_000, ...rest] as const);
      const triggers = rows.filter((_, i) => i % 400 === 7).map(([t], i) => ({ t, channel: i, value: i % 2 }));
      const bytes = evt21Bytes({ rows, triggers }, order);
      const found = expectResumable(encoding, sensor, bytes);
      expect(found.rows).toEqual(rows);
      expect([...found.triggers].sort((a, b) => a.t - b.t || a.channel - b.channel)).toEqual(triggers);
      expect(expectResumable(encoding, sensor, damaged(bytes, 3, 60)).rows.length).toBeGreaterThan(1500);
    });
  });

  test("a preamble lets a fresh decoder begin in the middle", () => {
    const rows: EventRow[] = randomEvents(seeded(4), 500, sensor);
    const bytes = evt21Bytes({ rows }, order);
    const first = encoding.createDecoder(sensor);
    decodeAll(first, bytes.subarray(0, 8 * 90));
    const expected = decodeAll(encoding.createDecoder(sensor, first.state()), bytes.subarray(8 * 90));
    const joined = Buffer.concat([encoding.preamble(first.state()), bytes.subarray(8 * 90)]);
    const fresh = encoding.createDecoder(sensor);
    expect(decodeAll(fresh, joined)).toEqual(expected);
    expect(fresh.dropped()).toEqual({});
    expect(encoding.preamble(encoding.createDecoder(sensor).state())).toHaveLength(0);
  });
});
