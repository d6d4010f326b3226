import { describe, expect, it } from "vitest";
import { createEventModel, poisson } from "./event-model.ts";
import { modelParams, type ModelParams } from "./model-params.ts";
import { createRandom } from "./random.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { pOf, xOf, yOf } from "#shared/events/packet.ts";
import { defaultsOf } from "#shared/units/params.ts";

const quiet: ModelParams = {
  ...defaultsOf(modelParams),
  thresholdOn: 0.2,
  thresholdOff: 0.2,
  mismatch: 0,
  refractoryUs: 0,
  leakHz: 0,
  shotNoiseHz: 0,
};
const sensor = { width: 8, height: 6 };
const area = sensor.width * sensor.height;

type Event = { t: number; x: number; y: number; p: number };

/** Light levels one after the other, `stepUs` apart, as the events they make. */
function run(params: ModelParams, frames: readonly Float32Array[], stepUs = 1000, seed = 1): Event[] {
  const model = createEventModel(sensor, params, seed);
  const events: Event[] = [];
  frames.forEach((light, i) => {
    if (i === 0) return model.reset(light, 0);
    model.step(light, i * stepUs);
    const out = new PacketWriter();
    model.events.drain(i * stepUs, out);
    const { t0, words } = out.take();
    for (let k = 0; k < words.length; k += 2) {
      const word = words[k + 1]!;
      events.push({ t: t0 + words[k]!, x: xOf(word), y: yOf(word), p: pOf(word) });
    }
  });
  return events;
}

const flat = (value: number): Float32Array => new Float32Array(area).fill(value);
/** A frame whose log intensity is that of 0.1 plus `rise` (the model adds a dark current of 0.001). */
const risen = (rise: number): Float32Array => flat((0.1 + 1e-3) * Math.exp(rise) - 1e-3);

describe("event model", () => {
  it.each([1, 2, 5, 9])("makes %i events a pixel from a step of as many thresholds", (k) => {
    const up = run(quiet, [flat(0.1), risen((k + 0.5) * 0.2)]);
    expect(up).toHaveLength(k * area);
    expect(up.every(({ p }) => p === 1)).toBe(true);
    const down = run(quiet, [flat(0.1), risen(-(k + 0.5) * 0.2)]);
    expect(down).toHaveLength(k * area);
    expect(down.every(({ p }) => p === 0)).toBe(true);
  });

  it("puts the crossings of a linear rise at equal distances", () => {
    const times = run(quiet, [flat(0.1), risen(0.9)], 9000).filter(({ x, y }) => x === 3 && y === 2);
    expect(times.map(({ t }) => t)).toEqual([2000, 4000, 6000, 8000].map((t) => expect.closeTo(t, -1) as number));
  });

  it("is silent without change and without noise", () => {
    expect(run(quiet, [flat(0.3), flat(0.3), flat(0.3)])).toEqual([]);
  });

  it("remembers what is left below a threshold", () => {
    const slow = Array.from({ length: 42 }, (_, i) => risen(i * 0.05));
    expect(run(quiet, slow)).toHaveLength(10 * area);
  });

  it("keeps ON minus OFF times threshold within a threshold of the change", () => {
    const random = createRandom(5);
    const frames = [flat(0.1), ...Array.from({ length: 200 }, () => new Float32Array(area).map(() => random.between(0.02, 1)))];
    const balance = new Int32Array(area);
    for (const { x, y, p } of run(quiet, frames)) balance[y * sensor.width + x]! += p === 1 ? 1 : -1;
    const last = frames.at(-1);
    balance.forEach((count, i) => {
      const change = Math.log((last[i]! + 1e-3) / (0.1 + 1e-3));
      expect(Math.abs(count * 0.2 - change)).toBeLessThan(0.201);
    });
  });

  it("respects the refractory time, noise included", () => {
    const random = createRandom(6);
    const params = { ...quiet, refractoryUs: 700, shotNoiseHz: 300, leakHz: 20, hotPixels: 0.05 };
    const frames = Array.from({ length: 300 }, () => new Float32Array(area).map(() => random.between(0.02, 1)));
    const events = run(params, frames);
    const last = new Float64Array(area).fill(-Infinity);
    for (const { t, x, y } of events) {
      expect(t - last[y * sensor.width + x]!).toBeGreaterThanOrEqual(700);
      last[y * sensor.width + x] = t;
    }
    expect(events.length).toBeGreaterThan(5000);
  });

  it("gives times in order, within the step, and pixels within the sensor", () => {
    const random = createRandom(7);
    const frames = Array.from({ length: 50 }, () => new Float32Array(area).map(() => random.uniform()));
    const events = run({ ...quiet, shotNoiseHz: 100 }, frames);
    expect(events.every(({ t }, i) => i === 0 || t >= events[i - 1]!.t)).toBe(true);
    expect(events.every(({ t, x, y }) => t >= 0 && t < 49_000 && x < sensor.width && y < sensor.height)).toBe(true);
  });

  it("gives the same events for the same seed and others for another", () => {
    const random = createRandom(8);
    const frames = Array.from({ length: 20 }, () => new Float32Array(area).map(() => random.uniform()));
    const params = { ...defaultsOf(modelParams), shotNoiseHz: 50 };
    expect(run(params, frames, 1000, 3)).toEqual(run(params, frames, 1000, 3));
    expect(run(params, frames, 1000, 3)).not.toEqual(run(params, frames, 1000, 4));
  });

  it("leaks ON events and shoots noise at the declared rates", () => {
    const still = Array.from({ length: 1001 }, () => flat(1e-6));
    const leaked = run({ ...quiet, leakHz: 2 }, still, 10_000);
    expect(leaked.every(({ p }) => p === 1)).toBe(true);
    expect(leaked.length / (area * 10)).toBeCloseTo(2, 0);
    const dark = run({ ...quiet, shotNoiseHz: 10 }, still, 10_000).length;
    const bright = run(
      { ...quiet, shotNoiseHz: 10 },
      still.map(() => flat(1)),
      10_000,
    ).length;
    expect(dark / (area * 10)).toBeCloseTo(10, -0.3);
    expect(bright / dark).toBeCloseTo(0.25, 1);
  });

  it("follows slowly when the bandwidth is low", () => {
    const frames = [flat(0.1), ...Array.from({ length: 40 }, () => flat(1))];
    const last = (bandwidthHz: number): number => run({ ...quiet, bandwidthHz }, frames).at(-1).t;
    expect(last(0)).toBeLessThan(1000);
    expect(last(100)).toBeGreaterThan(3000);
    expect(run({ ...quiet, bandwidthHz: 100 }, frames).length).toBe(run(quiet, frames).length);
  });

  it("reads rows out in order at the readout interval", () => {
    const random = createRandom(10);
    const frames = Array.from({ length: 30 }, () => new Float32Array(area).map(() => random.uniform()));
    const events = run({ ...quiet, readoutUs: 200 }, frames);
    expect(events.length).toBe(run(quiet, frames).length);
    expect(events.every(({ t }) => t % 200 === 0)).toBe(true);
    expect(events.every((e, i) => i === 0 || e.t > events[i - 1]!.t || e.y >= events[i - 1]!.y)).toBe(true);
  });

  it("refuses steps backward and steps too long", () => {
    const model = createEventModel(sensor, quiet, 1);
    model.reset(flat(0.5), 1000);
    expect(() => model.step(flat(0.5), 1000)).toThrow(RangeError);
    expect(() => model.step(flat(0.5), 1_001_000)).toThrow(RangeError);
  });
});

describe("poisson", () => {
  it.each([0.3, 4, 80])("has mean and variance %d", (mean) => {
    const random = createRandom(9);
    const draws = Array.from({ length: 4000 }, () => poisson(mean, random.uniform, random.normal));
    const average = draws.reduce((sum, n) => sum + n, 0) / draws.length;
    const variance = draws.reduce((sum, n) => sum + (n - average) ** 2, 0) / draws.length;
    expect(average / mean).toBeCloseTo(1, 1);
    expect(variance / mean).toBeCloseTo(1, 0);
  });
});
