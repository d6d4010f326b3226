/** How a frame is brought to another size. */
export const resizeRules = ["half-pixel", "corners-aligned", "cells"] as const;
export type ResizeRule = (typeof resizeRules)[number];

/** For each output line: its two input lines and the weight of the second one. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float32Array;
}

function tapsOf(input: number, output: number, aligned: boolean): Taps {
  const taps: Taps = { low: new Int32Array(output), high: new Int32Array(output), weight: new Float32Array(output) };
  const step = aligned ? (output > 1 ? (input - 1) / (output - 1) : 0) : input / output;
  for (let i = 0; i < output; i += 1) {
    const center = aligned ? i * step : Math.max(0, (i + 0.5) * step - 0.5);
    const low = Math.min(input - 1, Math.floor(center));
    taps.low[i] = low;
    taps.high[i] = Math.min(input - 1, low + 1);
    taps.weight[i] = center - low;
  }
  return taps;
}

/**
 * Bilinear interpolation of a frame `[height, width, 2]` without anti-aliasing. `aligned` maps corner pixels onto corner pixels;
 * otherwise pixel centers are at halves, as image libraries and TensorFlow's `halfPixelCenters` do.
 * @returns a function that writes `[toHeight, toWidth, 2]` into `out` from `at` on.
 */
export function bilinear(width: number, height: number, toWidth: number, toHeight: number, aligned: boolean) {
  const columns = tapsOf(width, toWidth, aligned);
  const lines = tapsOf(height, toHeight, aligned);
  return (plane: Float32Array, out: Float32Array, at: number): void => {
    const { low, high, weight } = columns;
    let write = at;
    for (let y = 0; y < toHeight; y += 1) {
      const upper = 2 * width * lines.low[y]!;
      const lower = 2 * width * lines.high[y]!;
      const wy = lines.weight[y]!;
      for (let x = 0; x < toWidth; x += 1) {
        const left = 2 * low[x]!;
        const right = 2 * high[x]!;
        const wx = weight[x]!;
        for (let channel = 0; channel < 2; channel += 1) {
          const top = plane[upper + left + channel]! * (1 - wx) + plane[upper + right + channel]! * wx;
          const bottom = plane[lower + left + channel]! * (1 - wx) + plane[lower + right + channel]! * wx;
          out[write] = top * (1 - wy) + bottom * wy;
          write += 1;
        }
      }
    }
  };
}
