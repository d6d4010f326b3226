import { describe, expect, test } from "vitest";
import { createCompiledEventKernels } from "#main/lib/kernels.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { EventKernels } from "./event-kernels.ts";
import * as at from "./layout.ts";
import { createPlainEventKernels } from "./plain-events.ts";

const compiled = createCompiledEventKernels();
const plain = createPlainEventKernels();

/** One way of calling a kernel on words that lie in the input region; answers the 32-bit words used. */
type Call = (kernels: EventKernels, words: number) => number;

const evt2: Call = (kernels, words) => kernels.evt2Decode(at.INPUT_AT, words, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT);
const evt21 =
  (high: number): Call =>
  (kernels, words) =>
    2 * kernels.evt21Decode(at.INPUT_AT, words >>> 1, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT, high);
const evt4: Call = (kernels, words) => kernels.evt4Decode(at.INPUT_AT, words, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT);
const dat =
  (version: number): Call =>
  (kernels, words) =>
    2 * kernels.datDecode(at.INPUT_AT, words >>> 1, at.OUTPUT_AT, at.STATE_AT, version);

/** Everything a call leaves behind. */
function run(kernels: EventKernels, call: Call, words: Uint32Array, state: Int32Array) {
  const shared = new Int32Array(kernels.memory, at.STATE_AT, at.STATE_SLOTS);
  shared.set(state);
  new Uint32Array(kernels.memory, at.INPUT_AT, words.length).set(words);
  const used = call(kernels, words.length);
  return {
    used,
    state: shared.slice(),
    events: new Uint32Array(kernels.memory, at.OUTPUT_AT, 2 * shared[at.EVENTS]!).slice(),
    triggers: new Uint32Array(kernels.memory, at.TRIGGERS_AT, 2 * shared[at.TRIGGERS]!).slice(),
  };
}

/** Words of these types with a clock that rises, turns, falls and jumps; the rest of each word is anything. */
function clockWords(random: () => number, length: number, types: readonly number[], timeHigh: number, noise: number) {
  let high = Math.floor(random() * 0x1000_0000);
  return Uint32Array.from({ length }, () => {
    if (random() < noise) return Math.floor(random() * 0x1_0000_0000);
    const type = types[Math.floor(random() * types.length)]!;
    if (type !== timeHigh) return type * 0x1000_0000 + Math.floor(random() * 0x1000_0000);
    const change = random();
    if (change < 0.01) high = Math.floor(random() * 0x1000_0000);
    else if (change < 0.05) high -= Math.floor(random() * 3000);
    else if (change < 0.5) high += Math.floor(random() * 40);
    high &= 0xfff_ffff;
    return type * 0x1000_0000 + high;
  });
}

const kinds = [
  { name: "EVT 2.0", call: evt2, types: [0, 0, 1, 1, 8, 8, 10, 13, 14, 15, 9], timeHigh: 8, block: at.BLOCK_WORDS },
  { name: "EVT 2.1", call: evt21(4), types: [0, 1, 8, 10, 14, 15, 9], timeHigh: 8, block: 2 * at.EVT21_BLOCK },
  { name: "EVT 2.1 legacy", call: evt21(0), types: [0, 1, 8, 10, 14, 15, 9], timeHigh: 8, block: 2 * at.EVT21_BLOCK },
  { name: "EVT 4.0", call: evt4, types: [6, 7, 9, 10, 11, 12, 13, 14, 15, 3], timeHigh: 14, block: at.EVT4_BLOCK },
];

test("the densest input fits into the regions", () => {
  expect(at.INPUT_AT + 8 * at.BLOCK_WORDS).toBeLessThanOrEqual(at.TRIGGERS_AT);
  for (const densest of [32 * at.EVT21_BLOCK, 16 * at.EVT4_BLOCK, at.BLOCK_WORDS]) {
    expect(at.OUTPUT_AT + 8 * densest).toBeLessThanOrEqual(at.MEMORY_PAGES * 65536);
  }
});

describe.skipIf(compiled === undefined)("compiled kernels do what the plain twins do (built by scripts/build-kernels.ts)", () => {
  describe.each(kinds)("$name", ({ call, types, timeHigh, block }) => {
    test.each([0, 0.01, 0.5, 1])("with a share of %d random words", (noise) => {
      const random = seeded(31 + 100 * noise);
      let events = 0;
      for (let round = 0; round < 12; round += 1) {
        const state = new Int32Array(at.STATE_SLOTS);
        state.set([1 + Math.floor(random() * 2048), 1 + Math.floor(random() * 2048)], at.WIDTH);
        state[at.BASE] = Math.floor(random() * 0x1_0000_0000);
        state[at.EVT2_HIGH] = round % 2 === 0 ? -1 : Math.floor(random() * 0x1000_0000);
        let words = clockWords(random, block, types, timeHigh, noise);
        let from = state;
        for (let calls = 0; words.length > 0 && calls < 100; calls += 1) {
          const expected = run(plain, call, words, from);
          expect(run(compiled!, call, words, from)).toEqual(expected);
          expect(expected.used).toBeGreaterThan(0);
          events += expected.events.length;
          words = words.subarray(expected.used);
          from = expected.state;
          from[at.BASE] = from[at.EVT2_HIGH]! << 6;
        }
      }
      if (noise < 1) expect(events).toBeGreaterThan(1000);
    });
  });

  test.each([1, 2])("DAT version %d", (version) => {
    const random = seeded(7);
    let events = 0;
    for (let round = 0; round < 30; round += 1) {
      const state = new Int32Array(at.STATE_SLOTS);
      state.set([1 + Math.floor(random() * 400), 1 + Math.floor(random() * 400)], at.WIDTH);
      let t = Math.floor(random() * 0x1_0000_0000);
      let words = Uint32Array.from({ length: 2 * 500 }, (_, i) => {
        if (i % 2 === 1) return round % 3 === 0 ? Math.floor(random() * 0x1_0000_0000) : Math.floor(random() * 0x4_0000);
        const change = random();
        t += change < 0.01 ? -100_000 : change < 0.1 ? -30 : change > 0.999 ? 2 ** 31 + 5 : Math.floor(random() * 100);
        return t >>> 0;
      });
      state[at.BASE] = words[0]! - 1000;
      let from = state;
      for (let calls = 0; words.length > 0; calls += 1) {
        const expected = run(plain, dat(version), words, from);
        expect(run(compiled!, dat(version), words, from)).toEqual(expected);
        events += expected.events.length;
        words = words.subarray(expected.used);
        from = expected.state;
        from[at.BASE] = words[0]! - at.FALL_US;
        from[at.DAT_LAST] = at.FALL_US;
        expect(calls).toBeLessThan(600);
      }
    }
    expect(events).toBeGreaterThan(100);
  });
});
