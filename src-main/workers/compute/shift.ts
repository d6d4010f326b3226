import type { InputShape } from "./spec.ts";

/**
 * Copies a `[H, W, C]` frame shifted by whole pixels; what comes in from outside is zero (He et al.: random crop
 * with zero padding). The target is zero before.
 */
export function copyShifted(
  from: Float32Array,
  fromAt: number,
  to: Float32Array,
  toAt: number,
  [, height, width, channels]: InputShape,
  dx: number,
  dy: number,
): void {
  const line = width * channels;
  const length = (width - Math.abs(dx)) * channels;
  const source = Math.max(0, -dx) * channels;
  const target = Math.max(0, dx) * channels;
  for (let y = Math.max(0, dy); y < height + Math.min(0, dy); y += 1) {
    const start = fromAt + (y - dy) * line + source;
    to.set(from.subarray(start, start + length), toAt + y * line + target);
  }
}

/** A frame `[H, W, C]` with left and right exchanged. */
export function flipped(frame: Float32Array, [, height, width]: InputShape): Float32Array {
  const channels = frame.length / (height * width);
  const out = new Float32Array(frame.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * channels;
      out.set(frame.subarray(from, from + channels), (y * width + width - 1 - x) * channels);
    }
  }
  return out;
}
