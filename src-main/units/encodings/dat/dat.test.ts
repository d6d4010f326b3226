import { afterEach, describe, expect, test } from "vitest";
import { useEventKernels } from "#main/lib/kernels.ts";
import { createPlainEventKernels } from "#main/kernels/plain-events.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, packetOf, randomEvents, type EventRow } from "../testing/events.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { dat, datTriggers, datV1 } from "./dat.ts";

const sensor = { width: 304, height: 240 };
const TURN = 2 ** 32;
const bytesOf = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);
const times = (...all: number[]): number[] =>
  decodeAll(dat.createDecoder(sensor), bytesOf(...all.flatMap((t) => [t, 0]))).map(([t]) => t);

/** Records of version 2 whose times may lie beyond 2^32 µs. */
const records = (rows: readonly EventRow[]): Uint8Array =>
  bytesOf(...rows.flatMap(([t, x, y, p]) => [t % TURN, p * 2 ** 28 + y * 2 ** 14 + x]));

afterEach(() => useEventKernels(undefined));

describe.each(["compiled or plain", "plain"])("DAT decoder, kernels %s", (which) => {
  const use = (): void => useEventKernels(which === "plain" ? createPlainEventKernels() : undefined);

  test("records of both versions by hand; any polarity but 0 is ON", () => {
    use();
    const two = bytesOf(7, 0x1000_0000 + 239 * 2 ** 14 + 303, 8, 5, 9, 0xf000_0000);
    expect(decodeAll(dat.createDecoder(sensor), two)).toEqual([
      [7, 303, 239, 1],
      [8, 5, 0, 0],
      [9, 0, 0, 1],
    ]);
    const one = bytesOf(7, 0x2_0000 + 239 * 512 + 303, 8, 0xfffc_0005);
    expect(decodeAll(datV1.createDecoder(sensor), one)).toEqual([
      [7, 303, 239, 1],
      [8, 5, 0, 0],
    ]);
  });

  test("a fall by more than half the range is a turn, a smaller one a step back, also over a turn", () => {
    use();
    expect(times(TURN - 1, 0, 5)).toEqual([TURN - 1, TURN, TURN + 5]);
    expect(times(1000, 990, 2_000_000, 5)).toEqual([1000, 990, 2_000_000, 5]);
    expect(times(TURN - 5, 3, TURN - 2, 9)).toEqual([TURN - 5, TURN + 3, TURN - 2, TURN + 9]);
    expect(times(5, TURN - 5, 7)).toEqual([5, TURN - 5, TURN + 7]);
  });

  test("events beyond the sensor are counted", () => {
    use();
    const decoder = dat.createDecoder(sensor);
    expect(decodeAll(decoder, bytesOf(1, 304, 2, 240 * 2 ** 14, 3, 1))).toEqual([[3, 1, 0, 0]]);
    expect(decoder.dropped()).toEqual({ "beyond the sensor": 2 });
  });

  test("any split of the bytes and any change of decoder in between gives the same events", () => {
    use();
    const rows = randomEvents(seeded(1), 2500, sensor, 0.1).map(([t, ...rest]) => [t + TURN - 1_000_000, ...rest] as const);
    const bytes = records(rows);
    expect(expectResumable(dat, sensor, bytes).rows).toEqual(rows);
    expect(expectResumable(dat, sensor, damaged(bytes, 2, 60)).rows.length).toBeGreaterThan(2000);
    expectResumable(datV1, sensor, damaged(bytes, 2, 2000));
  });
});

test("triggers: time, channel and value, any split, no events", () => {
  const bytes = bytesOf(500, 2 ** 26, TURN - 1, 63 * 2 ** 26 + 1, 4, 2 ** 26);
  const { rows, triggers } = expectResumable(datTriggers, sensor, bytes);
  expect(rows).toEqual([]);
  expect(triggers).toEqual([
    { t: 500, channel: 1, value: 0 },
    { t: TURN - 1, channel: 63, value: 1 },
    { t: TURN + 4, channel: 1, value: 0 },
  ]);
});

describe("DAT encoder", () => {
  test("what it writes is read back, steps back included", () => {
    const rows = randomEvents(seeded(3), 4000, sensor, 0.05);
    const encoder = dat.createEncoder(sensor);
    const bytes = [rows.slice(0, 7), rows.slice(7)].map((part) => encoder.encode(packetOf(part)).slice());
    expect(decodeAll(dat.createDecoder(sensor), Buffer.concat(bytes))).toEqual(rows);
  });

  test("a time beyond 32 bits is refused with the remedy", () => {
    const encoder = dat.createEncoder(sensor);
    expect(encoder.encode(packetOf([[TURN - 1, 1, 1, 1]])).length).toBe(8);
    expect(() => encoder.encode(packetOf([[TURN, 1, 1, 1]]))).toThrow(
      expect.objectContaining({ code: "unsupported", hint: expect.stringContaining("--to") as string }) as Error,
    );
  });
});
