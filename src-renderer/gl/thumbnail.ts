import type { Thumbnail } from "#shared/api/stream-api.ts";
import type { EventPalette } from "./palettes.ts";

/** The frame with the most events: what a thumbnail shows at rest. */
export function densestFrame({ width, height, frames, pixels }: Thumbnail): number {
  const size = width * height;
  let best = 0;
  let most = -1;
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let i = frame * size; i < (frame + 1) * size; i++) sum += Math.abs(pixels[i] ?? 0);
    if (sum > most) {
      most = sum;
      best = frame;
    }
  }
  return best;
}

/** A count that nearly every lit pixel stays below, so that one hot pixel does not darken the rest. */
export function brightCount({ pixels }: Thumbnail): number {
  const histogram = new Uint32Array(128);
  let lit = 0;
  for (const value of pixels) {
    if (value === 0) continue;
    const size = Math.min(127, Math.abs(value));
    histogram[size] = (histogram[size] ?? 0) + 1;
    lit += 1;
  }
  let seen = 0;
  for (let count = 1; count < 128; count++) {
    seen += histogram[count] ?? 0;
    if (seen >= lit * 0.9) return count;
  }
  return 1;
}

/** Paints one frame as RGBA: sign is the polarity, size the strength. */
export function paintFrame(
  thumbnail: Thumbnail,
  frame: number,
  palette: EventPalette,
  bright: number,
  out: Uint8ClampedArray,
): void {
  const { width, height, pixels } = thumbnail;
  const size = width * height;
  const { ground, on, off } = palette;
  for (let i = 0; i < size; i++) {
    const value = pixels[frame * size + i] ?? 0;
    // One event is already half bright: sparse clips would vanish otherwise.
    const strength = value === 0 ? 0 : Math.min(1, 0.5 + (0.5 * Math.abs(value)) / bright);
    const ink = value > 0 ? on : off;
    for (let c = 0; c < 3; c++) {
      const from = ground[c] ?? 0;
      out[4 * i + c] = 255 * (from + ((ink[c] ?? 0) - from) * strength);
    }
    out[4 * i + 3] = 255;
  }
}
