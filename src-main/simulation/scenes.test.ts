import { describe, expect, it } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { defaultsOf } from "#shared/units/params.ts";
import { createFramesScene } from "./frames-scene.ts";
import { createHandsScene } from "./hands/hands-scene.ts";
import { modelParams } from "./model-params.ts";
import { gestures, type LightFrame, type SceneSource } from "./simulation.ts";

/** Times and words of a scene, asked for in portions that end at the given times. */
function collect(scene: SceneSource, ends: readonly number[]): number[] {
  const found: number[] = [];
  for (const end of ends) {
    const out = new PacketWriter();
    scene.next(end, out);
    const { t0, words } = out.take();
    for (let i = 0; i < words.length; i += 2) found.push(t0 + words[i]!, words[i + 1]!);
  }
  return found;
}

const timesOf = (events: readonly number[]): number[] => events.filter((_, i) => i % 2 === 0);

describe("hands scene", () => {
  it("makes the same events however time is divided", () => {
    const options = { params: { seed: 5 } };
    const whole = collect(createHandsScene(options), [300_000]);
    const parts = collect(createHandsScene(options), [1, 2, 777, 50_000, 50_000, 123_456, 300_000]);
    expect(whole.length).toBeGreaterThan(2000);
    expect(parts).toEqual(whole);
    expect(collect(createHandsScene({ params: { seed: 6 } }), [300_000])).not.toEqual(whole);
  });

  it("keeps to the asked times, in order", () => {
    const scene = createHandsScene();
    collect(scene, [100_000]);
    const times = timesOf(collect(scene, [200_000]));
    expect(times.every((t, i) => t >= 100_000 && t < 200_000 && t >= (times[i - 1] ?? 0))).toBe(true);
  });

  it("refuses to show events without an end instead of filling memory with them", () => {
    const scene = createHandsScene();
    for (const never of [Infinity, Number.NaN]) {
      expect(() => scene.next(never, new PacketWriter())).toThrow(RangeError);
    }
  });

  it("shows every gesture in turn and says which", () => {
    const scene = createHandsScene({ params: { paceMs: 400 } });
    const shown = new Set<string>();
    for (let t = 50_000; t < 6_000_000; t += 50_000) {
      scene.next(t, new PacketWriter());
      shown.add(scene.current().label);
    }
    expect([...gestures, "between"].filter((label) => !shown.has(label))).toEqual([]);
  });

  it("changes over when told to, with few events at rest and many in motion", () => {
    const scene = createHandsScene({ params: { show: "rock", noise: "none" } });
    scene.next(500_000, new PacketWriter());
    expect(scene.current().label).toBe("rock");
    scene.show("rest");
    scene.next(1_500_000, new PacketWriter());
    expect(scene.current().label).toBe("rest");
    expect(collect(scene, [1_600_000])).toEqual([]);
    scene.show("paper");
    expect(collect(scene, [2_200_000]).length).toBeGreaterThan(5000);
    scene.next(2_600_000, new PacketWriter());
    expect(scene.current().label).toBe("paper");
  });

  it("fills any sensor", () => {
    const scene = createHandsScene({ sensor: { width: 64, height: 48 }, params: { show: "paper" } });
    expect(collect(scene, [200_000]).length).toBeGreaterThan(500);
  });
});

describe("frames scene", () => {
  const frame = (value: number): LightFrame => ({ width: 4, height: 3, light: new Float32Array(12).fill(value) });
  const model = { ...defaultsOf(modelParams), mismatch: 0, leakHz: 0, shotNoiseHz: 0, refractoryUs: 0 };

  it("ends with its last frame, or begins again", () => {
    const frames = [frame(0.1), frame(1), frame(0.1)];
    const once = createFramesScene(frames, { model, seed: 1, frameUs: 10_000 });
    expect(once.endUs).toBe(20_000);
    const first = timesOf(collect(once, [20_000])).length;
    expect(first).toBe(2 * 12 * Math.floor(Math.log(1.001 / 0.101) / 0.25));
    expect(collect(once, [100_000])).toEqual([]);
    const loop = createFramesScene(frames.slice(0, 2), { model, seed: 1, frameUs: 10_000, loop: true });
    expect(loop.endUs).toBeUndefined();
    expect(timesOf(collect(loop, [60_000])).length).toBeGreaterThan(2.5 * first);
  });
});
