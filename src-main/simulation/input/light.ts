import type { LightFrame } from "../simulation.ts";

/** Linear light of each sRGB byte (IEC 61966-2-1). */
const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/**
 * What a camera would see of a picture: luminance (Rec. 709) over black, where black still reflects `blackLevel` of
 * the light. Ink and screens are no darker than that, and without it the logarithm would make much of nothing.
 */
export function lightOfRgba(rgba: Uint8Array, width: number, height: number, blackLevel: number): LightFrame {
  const light = new Float32Array(width * height);
  const range = 1 - blackLevel;
  for (let i = 0, at = 0; i < light.length; i++, at += 4) {
    const value =
      0.2126 * (LINEAR[rgba[at] ?? 0] ?? 0) +
      0.7152 * (LINEAR[rgba[at + 1] ?? 0] ?? 0) +
      0.0722 * (LINEAR[rgba[at + 2] ?? 0] ?? 0);
    light[i] = blackLevel + (range * value * (rgba[at + 3] ?? 255)) / 255;
  }
  return { width, height, light };
}

/** The same for the luma plane of a film; studio range is 16 to 235 (ITU-R BT.709), full range 0 to 255. */
export function lightOfLuma(luma: Uint8Array, width: number, height: number, fullRange: boolean, blackLevel: number): LightFrame {
  const curve = Float32Array.from({ length: 256 }, (_, byte) => {
    const value = fullRange ? byte / 255 : Math.min(1, Math.max(0, (byte - 16) / 219));
    return blackLevel + (1 - blackLevel) * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  });
  const light = new Float32Array(width * height);
  for (let i = 0; i < light.length; i++) light[i] = curve[luma[i] ?? 0] ?? 0;
  return { width, height, light };
}

/** The weights with which each target place sees the source places below it, as [first, weights...] runs. */
function spans(from: number, to: number): { readonly first: Int32Array; readonly weights: Float32Array[] } {
  const ratio = from / to;
  const first = new Int32Array(to);
  const weights: Float32Array[] = [];
  for (let i = 0; i < to; i++) {
    if (ratio >= 1) {
      // Smaller: the mean over the area.
      const [start, end] = [i * ratio, (i + 1) * ratio];
      const low = Math.floor(start);
      const high = Math.min(from, Math.ceil(end - 1e-9));
      first[i] = low;
      weights.push(
        Float32Array.from({ length: high - low }, (_, k) => (Math.min(end, low + k + 1) - Math.max(start, low + k)) / ratio),
      );
    } else {
      // Larger: linear between the two nearest.
      const center = Math.min(from - 1, Math.max(0, (i + 0.5) * ratio - 0.5));
      const low = Math.min(Math.floor(center), Math.max(0, from - 2));
      first[i] = low;
      weights.push(from === 1 ? Float32Array.of(1) : Float32Array.of(1 - (center - low), center - low));
    }
  }
  return { first, weights };
}

/** The picture at another size: area mean when it gets smaller, bilinear when it gets larger. */
export function resize(frame: LightFrame, width: number, height: number): LightFrame {
  if (frame.width === width && frame.height === height) return frame;
  const columns = spans(frame.width, width);
  const rows = spans(frame.height, height);
  const narrow = new Float32Array(width * frame.height);
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * frame.width + (columns.first[x] ?? 0);
      const weights = columns.weights[x] ?? [];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += (weights[k] ?? 0) * (frame.light[from + k] ?? 0);
      narrow[y * width + x] = sum;
    }
  }
  const light = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const weights = rows.weights[y] ?? [];
    const from = rows.first[y] ?? 0;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += (weights[k] ?? 0) * (narrow[(from + k) * width + x] ?? 0);
      light[y * width + x] = sum;
    }
  }
  return { width, height, light };
}
