/** Weights of one output line: inputs `from` on, normalised. */
interface Tap {
  readonly from: number;
  readonly weights: Float32Array;
}

/**
 * Triangle filter, half-pixel centres, widened when shrinking: what image libraries call bilinear with anti-aliasing.
 * The line is `border` zeros, the input, `border` zeros; weights of zeros count but need no tap.
 */
function tapsOf(input: number, border: number, output: number): Tap[] {
  const total = input + 2 * border;
  const scale = total / output;
  const reach = Math.max(1, scale);
  return Array.from({ length: output }, (_, o) => {
    const center = (o + 0.5) * scale - border; // in input pixels, pixel i covers [i, i+1)
    const first = Math.floor(center - reach);
    const last = Math.ceil(center + reach);
    let sum = 0;
    const inside: number[] = [];
    let from = input;
    for (let i = first; i <= last; i += 1) {
      const weight = Math.max(0, 1 - Math.abs(i + 0.5 - center) / reach);
      if (weight === 0 || i < -Math.ceil(border) || i >= input + Math.ceil(border)) continue;
      sum += weight;
      if (i < 0 || i >= input) continue;
      from = Math.min(from, i);
      inside.push(weight);
    }
    return { from, weights: Float32Array.from(inside, (weight) => weight / sum) };
  });
}

/** One plane `[height, width]` with an empty border, resized to `[toHeight, toWidth]`. */
export function resample(
  plane: Float32Array,
  width: number,
  height: number,
  borderX: number,
  borderY: number,
  toWidth: number,
  toHeight: number,
): Float32Array {
  const columns = tapsOf(width, borderX, toWidth);
  const lines = tapsOf(height, borderY, toHeight);
  const narrow = new Float32Array(height * toWidth);
  for (let y = 0; y < height; y += 1) {
    for (const [x, { from, weights }] of columns.entries()) {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1) sum += (weights[i] ?? 0) * (plane[y * width + from + i] ?? 0);
      narrow[y * toWidth + x] = sum;
    }
  }
  const out = new Float32Array(toHeight * toWidth);
  for (const [y, { from, weights }] of lines.entries()) {
    for (let x = 0; x < toWidth; x += 1) {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1) sum += (weights[i] ?? 0) * (narrow[(from + i) * toWidth + x] ?? 0);
      out[y * toWidth + x] = sum;
    }
  }
  return out;
}
