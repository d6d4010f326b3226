import { expect, test, describe } from "vitest";
import { createCompiledEventKernels } from "#main/lib/kernels.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { EventKernels } from "./event-kernels.ts";
import * as at from "./layout.ts";
import { createPlainEventKernels } from "./plain-events.ts";

const compiled = createCompiledEventKernels();

/** Words that look like a stream, with some that are anything at all. */
function evt3Words(random: () => number, noise: number): Uint16Array {
  const types = [0, 0, 2, 2, 2, 3, 4, 4, 5, 6, 6, 8, 10, 14, 15, 7, 9];
  let high = Math.floor(random() * 4096);
  return Uint16Array.from({ length: at.BLOCK_WORDS }, () => {
    if (random() < noise) return Math.floor(random() * 0x1_0000);
    const type = types[Math.floor(random() * types.length)]!;
    if (type !== 8) return (type << 12) | Math.floor(random() * 0x1000);
    if (random() < 0.3) high = (high + 1) & 0xfff;
    return 0x8000 | high;
  });
}

/** Everything a call leaves behind. */
function runEvt3(kernels: EventKernels, words: Uint16Array, state: Int32Array) {
  const shared = new Int32Array(kernels.memory, at.STATE_AT, at.STATE_SLOTS);
  shared.set(state);
  new Uint16Array(kernels.memory, at.INPUT_AT, words.length).set(words);
  const used = kernels.evt3Decode(at.INPUT_AT, words.length, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT);
  return {
    used,
    state: shared.slice(),
    events: new Uint32Array(kernels.memory, at.OUTPUT_AT, 2 * shared[at.EVENTS]!).slice(),
    triggers: new Uint32Array(kernels.memory, at.TRIGGERS_AT, 2 * shared[at.TRIGGERS]!).slice(),
  };
}

function runAtis(kernels: EventKernels, bytes: Uint8Array, state: Int32Array) {
  const shared = new Int32Array(kernels.memory, at.STATE_AT, at.STATE_SLOTS);
  shared.set(state);
  new Uint8Array(kernels.memory, at.INPUT_AT, bytes.length).set(bytes);
  const used = kernels.atisDecode(at.INPUT_AT, bytes.length / 5, at.OUTPUT_AT, at.STATE_AT);
  const state2 = shared.slice();
  return { used, state: state2, events: new Uint32Array(kernels.memory, at.OUTPUT_AT, 2 * state2[at.EVENTS]!).slice() };
}

test("the densest input fits into the regions", () => {
  expect(at.INPUT_AT + 5 * at.BLOCK_WORDS).toBeLessThanOrEqual(at.TRIGGERS_AT);
  expect(at.TRIGGERS_AT + 8 * at.BLOCK_WORDS).toBeLessThanOrEqual(at.OUTPUT_AT);
  expect(at.OUTPUT_AT + 12 * 8 * at.BLOCK_WORDS).toBeLessThanOrEqual(at.MEMORY_PAGES * 65536);
});

describe.skipIf(compiled === undefined)("compiled kernels do what the plain twins do (built by scripts/build-kernels.ts)", () => {
  const plain = createPlainEventKernels();

  test.each([0, 0.01, 0.5, 1])("EVT 3.0 with a share of %d random words", (noise) => {
    const random = seeded(17 + 100 * noise);
    for (let round = 0; round < 25; round += 1) {
      const state = new Int32Array(at.STATE_SLOTS);
      state.set([1 + Math.floor(random() * 2048), 1 + Math.floor(random() * 2048)], at.WIDTH);
      state[at.BASE] = Math.floor(random() * 0x1_0000_0000);
      state[at.EVT3_HIGH] = round % 2 === 0 ? -1 : Math.floor(random() * 4096);
      state[at.EVT3_ROW] = Math.floor(random() * 3) - 2;
      let words = evt3Words(random, noise);
      let from = state;
      let events = 0;
      for (let calls = 0; words.length > 0 && calls < 200; calls += 1) {
        const expected = runEvt3(plain, words, from);
        expect(runEvt3(compiled!, words, from)).toEqual(expected);
        events += expected.events.length;
        words = words.subarray(expected.used);
        from = expected.state;
        from[at.BASE] = (from[at.EVT3_WRAPS]! << 24) + (from[at.EVT3_HIGH]! << 12);
      }
      if (noise < 1) expect(events).toBeGreaterThan(0);
    }
  });

  test.each([0, 1])("ATIS records with a share of %d random bytes", (noise) => {
    const random = seeded(5);
    for (let round = 0; round < 50; round += 1) {
      const state = new Int32Array(at.STATE_SLOTS);
      state.set([1 + Math.floor(random() * 256), 1 + Math.floor(random() * 256)], at.WIDTH);
      state[at.ATIS_TIME] = at.ATIS_TIMELESS;
      const bytes = Uint8Array.from({ length: 5 * 500 }, (_, i) => {
        if (noise === 1 || i % 5 < 2) return Math.floor(random() * 256);
        return i % 5 === 2 ? (random() < 0.5 ? 0x80 : 0) : i % 5 === 3 ? i / 20 : Math.floor(random() * 256);
      });
      let rest = bytes;
      let from = state;
      for (let calls = 0; rest.length > 0 && calls < 2000; calls += 1) {
        const expected = runAtis(plain, rest, from);
        expect(runAtis(compiled!, rest, from)).toEqual(expected);
        rest = rest.subarray(5 * expected.used);
        from = expected.state;
        from[at.BASE] = from[at.ATIS_TIME]! + from[at.ATIS_OVERFLOWS]! * at.OVERFLOW_US;
      }
      expect(rest.length).toBe(0);
    }
  });
});
