import type { Sensor } from "#shared/events/sensor.ts";
import { minimumJerk } from "./minimum-jerk.ts";
import type { ModelParams } from "./model-params.ts";
import { createRenderedScene } from "./rendered-scene.ts";
import type { LightFrame, SceneSource } from "./simulation.ts";

/** How a camera looks along a still picture. */
export type SaccadeOptions = {
  readonly sensor: Sensor;
  readonly model: ModelParams;
  readonly seed: number;
  /** Time of one saccade, µs; there are three. */
  readonly saccadeUs: number;
  /** Length of the longest one, in pixels of the sensor. */
  readonly amplitude: number;
};

/** The camera moves along the sides of an isosceles triangle and comes back: corners as shares of the amplitude. */
const CORNERS = [
  [-0.5, -0.25],
  [0, 0.25],
  [0.5, -0.25],
  [-0.5, -0.25],
] as const;
/** The picture moves less than this between two renderings, in pixels. */
const MAX_MOVE = 0.5;

/**
 * One picture seen by a camera that makes three saccades, as N-MNIST and N-Caltech101 were recorded (Orchard,
 * Jayawant, Cohen, Thakor, Front. Neurosci. 9:437, 2015). The picture has the sensor's size; beyond its edge its
 * outermost pixels go on.
 */
export function createSaccadeScene(picture: LightFrame, options: SaccadeOptions): SceneSource {
  const { sensor, saccadeUs, amplitude } = options;
  if (picture.width !== sensor.width || picture.height !== sensor.height) {
    throw new RangeError(
      `saccade scene: a picture of ${picture.width} × ${picture.height} on a sensor of ${sensor.width} × ${sensor.height}`,
    );
  }
  const target = new Float32Array(sensor.width * sensor.height);
  const renders = Math.max(8, Math.ceil((2 * amplitude) / MAX_MOVE));
  const stepUs = Math.max(1, Math.min(2000, Math.floor(saccadeUs / renders)));
  return createRenderedScene(
    sensor,
    {
      endUs: 3 * saccadeUs,
      stepUs: () => stepUs,
      render(tUs) {
        const leg = Math.min(2, Math.floor(tUs / saccadeUs));
        const share = minimumJerk(tUs / saccadeUs - leg);
        const from = CORNERS[leg] ?? CORNERS[0];
        const to = CORNERS[leg + 1] ?? CORNERS[0];
        shift(
          picture,
          amplitude * (from[0] + (to[0] - from[0]) * share),
          amplitude * (from[1] + (to[1] - from[1]) * share),
          target,
        );
        return target;
      },
    },
    options.model,
    options.seed,
  );
}

/** The picture looked at `dx`, `dy` pixels to the side, bilinear. */
function shift({ width, height, light }: LightFrame, dx: number, dy: number, target: Float32Array): void {
  const [ix, iy] = [Math.floor(dx), Math.floor(dy)];
  const [fx, fy] = [dx - ix, dy - iy];
  for (let y = 0, at = 0; y < height; y++) {
    const upper = width * Math.min(height - 1, Math.max(0, y + iy));
    const lower = width * Math.min(height - 1, Math.max(0, y + iy + 1));
    for (let x = 0; x < width; x++, at++) {
      const left = Math.min(width - 1, Math.max(0, x + ix));
      const right = Math.min(width - 1, Math.max(0, x + ix + 1));
      const above = (light[upper + left] ?? 0) * (1 - fx) + (light[upper + right] ?? 0) * fx;
      const below = (light[lower + left] ?? 0) * (1 - fx) + (light[lower + right] ?? 0) * fx;
      target[at] = above * (1 - fy) + below * fy;
    }
  }
}
