import { describe, expect, test } from "vitest";
import { createCompiledEventKernels } from "#main/lib/kernels.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { EventKernels } from "./event-kernels.ts";
import * as at from "./layout.ts";
import { createPlainEventKernels } from "./plain-events.ts";

const compiled = createCompiledEventKernels();
const STRUCT = 16;

/** Structs with times that rise, step back and jump around `base`; a share of them is anything. */
function structs(random: () => number, base: number, noise: number): Uint8Array {
  const bytes = Buffer.alloc(STRUCT * 500);
  let t = base + Math.floor(random() * 1000);
  for (let i = 0; i < bytes.length; i += STRUCT) {
    const step = random();
    t += step < 0.01 ? Math.floor(2 ** 32 * random()) : step < 0.03 ? -Math.floor(140_000 * random()) : Math.floor(50 * random());
    t = Math.max(0, t);
    bytes.writeBigInt64LE(BigInt(t), i);
    bytes.writeInt16LE(Math.floor(random() * 400) - 20, i + 8);
    bytes.writeInt16LE(Math.floor(random() * 300) - 20, i + 10);
    bytes[i + 12] = Math.floor(random() * 3);
    if (random() < noise) for (let byte = 0; byte < STRUCT; byte += 1) bytes[i + byte] = Math.floor(256 * random());
  }
  return bytes;
}

/** Everything a call leaves behind. */
function run(kernels: EventKernels, bytes: Uint8Array, state: Int32Array) {
  const shared = new Int32Array(kernels.memory, at.STATE_AT, at.STATE_SLOTS);
  shared.set(state);
  new Uint8Array(kernels.memory, at.INPUT_AT, bytes.length).set(bytes);
  const used = kernels.aedat4Decode(at.INPUT_AT, bytes.length / STRUCT, at.OUTPUT_AT, at.STATE_AT);
  return { used, state: shared.slice(), events: new Uint32Array(kernels.memory, at.OUTPUT_AT, 2 * shared[at.EVENTS]!).slice() };
}

test("a full call fits into the regions", () => {
  expect(at.INPUT_AT + STRUCT * at.AEDAT4_BLOCK).toBeLessThanOrEqual(at.TRIGGERS_AT);
});

describe.skipIf(compiled === undefined)(
  "the compiled kernel does what the plain twin does (built by scripts/build-kernels.ts)",
  () => {
    test.each([0, 0.02, 1])("event structs with a share of %d random ones", (noise) => {
      const random = seeded(3);
      const plain = createPlainEventKernels();
      let events = 0;
      let stops = 0;
      for (const base of [0, 2 ** 31, 2 ** 32 - 500, 1_633_953_690_975_950, 2 ** 53 - 2 ** 34]) {
        let rest = structs(random, base, noise);
        let state = new Int32Array(at.STATE_SLOTS);
        state.set([346, 260], at.WIDTH);
        while (rest.length > 0) {
          const t = Number(new DataView(rest.buffer, rest.byteOffset).getBigUint64(0, true));
          const t0 = t < 2 ** 53 ? Math.max(0, t - at.FALL_US) : 0;
          state[at.BASE] = t0 % 2 ** 32;
          state[at.AEDAT4_BASE_HIGH] = Math.floor(t0 / 2 ** 32);
          state[at.AEDAT4_LAST] = t - t0;
          const expected = run(plain, rest, state);
          expect(run(compiled!, rest, state)).toEqual(expected);
          expect(expected.used).toBeGreaterThan(0);
          events += expected.events.length;
          stops += expected.used * STRUCT < rest.length ? 1 : 0;
          rest = rest.subarray(expected.used * STRUCT);
          state = expected.state;
        }
        if (noise === 0) expect(state[at.DROPPED_TIMELESS]).toBe(0);
        if (noise === 1) expect(state[at.DROPPED_TIMELESS]).toBeGreaterThan(400);
      }
      if (noise < 1) expect(events).toBeGreaterThan(1000);
      if (noise < 1) expect(stops).toBeGreaterThan(10);
    });
  },
);
