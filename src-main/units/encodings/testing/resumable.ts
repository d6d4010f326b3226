import { expect } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Trigger } from "#shared/events/beside.ts";
import type { Decoder, Encoding } from "../encoding.ts";
import { decodeAll, randomCuts, type EventRow } from "./events.ts";

/** Everything a decoder tells of these bytes. */
function told(decoder: Decoder, bytes: Uint8Array, cuts: readonly number[] = []) {
  const rows: EventRow[] = decodeAll(decoder, bytes, cuts);
  const triggers: readonly Trigger[] = decoder.triggers();
  return { rows, triggers, dropped: decoder.dropped(), pending: decoder.pending(), time: decoder.time() };
}

/**
 * The law of decoders: any split of the bytes, and a change to a decoder with a copy of the state at any place, gives the same events
 * and triggers. Answers them.
 */
export function expectResumable(encoding: Encoding, sensor: Sensor, bytes: Uint8Array, rounds = 12) {
  const random = seeded(97);
  const expected = told(encoding.createDecoder(sensor), bytes);
  for (let round = 0; round < rounds; round += 1) {
    const cuts = randomCuts(random, bytes.length, 1 + round);
    expect(told(encoding.createDecoder(sensor), bytes, cuts)).toEqual(expected);
    const middle = cuts[0] ?? 0;
    const first = encoding.createDecoder(sensor);
    const before = told(first, bytes.subarray(0, middle));
    const second = encoding.createDecoder(sensor, structuredClone(first.state()));
    const after = told(second, bytes.subarray(middle));
    expect([...before.rows, ...after.rows]).toEqual(expected.rows);
    expect([...before.triggers, ...after.triggers]).toEqual(expected.triggers);
    expect(after.time).toBe(expected.time);
    expect(after.pending).toBe(expected.pending);
  }
  const single = Array.from({ length: Math.min(bytes.length, 4000) }, (_, i) => i);
  expect(told(encoding.createDecoder(sensor), bytes, single)).toEqual(expected);
  return expected;
}

/** The bytes with some of them replaced by others. */
export function damaged(bytes: Uint8Array, seed: number, places: number): Uint8Array {
  const random = seeded(seed);
  const copy = bytes.slice();
  for (let i = 0; i < places; i += 1) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}
