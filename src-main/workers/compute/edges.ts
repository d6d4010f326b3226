/** Share of the picture beside its edges, and how strong an edge has to be. */
const PICTURE_SHARE = 0.1;
const THRESHOLD = 0.3;
/** Weights of the colours in a grey value (ITU-R BT.601). */
const GREY = [0.299, 0.587, 0.114] as const;

/** Positions outside are mirrored at the pixel of the border. */
const mirrored = (i: number, length: number): number => (length === 1 ? 0 : i < 0 ? -i : i >= length ? 2 * length - 2 - i : i);

/**
 * Replaces every colour x of a frame `[H, W, 3]`, values 0 to 1, by 0.1·x + 0.9·e, where e is 1 on edges of the grey picture: where its
 * 3 × 3 Laplacian (2 in the corners, −8 in the middle) is above 0.3. A random spike with this probability is what the Laplacian-Poisson code of
 * R2ETL (Zhan et al., IEEE TIP 2024) gives, which thins a random code of the picture and of the edges once more: both have the same law.
 */
export function mixEdges(frame: Float32Array, height: number, width: number): void {
  const grey = new Float32Array(height * width);
  for (let i = 0; i < grey.length; i += 1) {
    grey[i] = GREY[0] * (frame[3 * i] ?? 0) + GREY[1] * (frame[3 * i + 1] ?? 0) + GREY[2] * (frame[3 * i + 2] ?? 0);
  }
  for (let y = 0; y < height; y += 1) {
    const above = mirrored(y - 1, height) * width;
    const below = mirrored(y + 1, height) * width;
    for (let x = 0; x < width; x += 1) {
      const left = mirrored(x - 1, width);
      const right = mirrored(x + 1, width);
      const corners =
        (grey[above + left] ?? 0) + (grey[above + right] ?? 0) + (grey[below + left] ?? 0) + (grey[below + right] ?? 0);
      const edge = 2 * corners - 8 * (grey[y * width + x] ?? 0) > THRESHOLD ? 1 : 0;
      for (let at = 3 * (y * width + x), end = at + 3; at < end; at += 1) {
        frame[at] = PICTURE_SHARE * (frame[at] ?? 0) + (1 - PICTURE_SHARE) * edge;
      }
    }
  }
}
