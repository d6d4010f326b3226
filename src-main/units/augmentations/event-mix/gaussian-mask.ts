/** Smallest and largest standard deviation of a component, as a share of the axis. */
const NARROWEST = 0.05;
const WIDEST = 0.5;

/**
 * Marks the given share of the cells of a `[T, H, W]` block: those where a mixture of Gaussians with random centers, widths
 * and weights is largest.
 */
export function gaussianMask(
  [steps, height, width]: readonly [number, number, number],
  share: number,
  components: number,
  random: () => number,
): Uint8Array {
  const density = new Float64Array(steps * height * width);
  for (let k = 0; k < components; k += 1) {
    const weight = random();
    const along = [steps, height, width].map((side) => {
      const center = Math.floor(random() * side);
      const deviation = Math.max(NARROWEST, WIDEST * random()) * side;
      return Float64Array.from({ length: side }, (_, i) => Math.exp(-((i - center) ** 2) / (2 * deviation ** 2)));
    });
    const [overTime, overRows, overColumns] = along as [Float64Array, Float64Array, Float64Array];
    let at = 0;
    for (let t = 0; t < steps; t += 1) {
      for (let y = 0; y < height; y += 1) {
        const factor = weight * overTime[t]! * overRows[y]!;
        for (let x = 0; x < width; x += 1, at += 1) density[at]! += factor * overColumns[x]!;
      }
    }
  }
  const wanted = Math.round(share * density.length);
  const mask = new Uint8Array(density.length);
  if (wanted === 0) return mask;
  const least = density.toSorted()[density.length - wanted]!;
  for (let i = 0; i < density.length; i += 1) if (density[i]! >= least) mask[i] = 1;
  return mask;
}
