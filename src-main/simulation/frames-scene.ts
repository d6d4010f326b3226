import type { Sensor } from "#shared/events/sensor.ts";
import type { ModelParams } from "./model-params.ts";
import { createRenderedScene } from "./rendered-scene.ts";
import type { LightFrame, SceneSource } from "./simulation.ts";

/** How frames become a scene. */
export type FramesOptions = {
  readonly model: ModelParams;
  readonly seed: number;
  /** Time from frame to frame, µs. */
  readonly frameUs: number;
  /** Begins again at the end, as a camera stand-in does. */
  readonly loop?: boolean;
};

/** Frames of one size, in memory, as a scene. Light changes linearly in its logarithm from frame to frame. */
export function createFramesScene(frames: readonly LightFrame[], options: FramesOptions): SceneSource {
  const first = frames[0];
  if (first === undefined) throw new RangeError("frames scene: no frames");
  const sensor: Sensor = { width: first.width, height: first.height };
  if (frames.some(({ width, height }) => width !== sensor.width || height !== sensor.height)) {
    throw new RangeError("frames scene: frames of different sizes");
  }
  const { frameUs, loop = false } = options;
  const between = createBetween(sensor);
  const span = frameUs * (loop ? frames.length : frames.length - 1);
  return createRenderedScene(
    sensor,
    {
      ...(loop ? {} : { endUs: Math.round(span) }),
      stepUs: (tUs) => {
        // From frame to frame when that is short enough for the model, else in equal parts.
        const next = (Math.floor(tUs / frameUs + 1e-9) + 1) * frameUs;
        return Math.min(MAX_FRAME_STEP_US, Math.max(1, Math.round(next - tUs)));
      },
      render(tUs) {
        const at = (loop && span > 0 ? tUs % span : tUs) / frameUs;
        const index = Math.min(frames.length - 1, Math.floor(at + 1e-9));
        const here = frames[index] ?? first;
        const next = frames[loop ? (index + 1) % frames.length : Math.min(frames.length - 1, index + 1)] ?? here;
        return between(here.light, next.light, Math.min(1, Math.max(0, at - index)));
      },
    },
    options.model,
    options.seed,
  );
}

/** Longer gaps between frames are simulated in parts of this, µs. */
export const MAX_FRAME_STEP_US = 20_000;

/** Pictures between two others: the geometric mean, since pixels see logarithms. The result is lent. */
export function createBetween(sensor: Sensor): (from: Float32Array, to: Float32Array, share: number) => Float32Array {
  const target = new Float32Array(sensor.width * sensor.height);
  return (from, to, share) => {
    if (share <= 0) return from;
    if (share >= 1) return to;
    for (let i = 0; i < target.length; i++) {
      const a = from[i] ?? 0;
      const b = to[i] ?? 0;
      target[i] = a === b ? a : a > 0 && b > 0 ? a ** (1 - share) * b ** share : a + (b - a) * share;
    }
    return target;
  };
}
