import type { HostBatch } from "../transfer.ts";

/**
 * With probability `p` replaces the whole picture sequence of a sample by its partner recording, the same augmented
 * values (He et al., AAAI 2024: replaced when u ≤ P). Returns how many were replaced.
 */
export function replaceRows(batch: HostBatch, p: number, draw: () => number): number {
  const { events, pictures, steps, size } = batch;
  if (events === undefined || pictures === undefined) return 0;
  const frame = events.length / (steps * size);
  let replaced = 0;
  for (let n = 0; n < size; n += 1) {
    const u = draw(); // drawn whatever p is, so that the sequence of draws does not depend on it
    if (p <= 0 || u > p) continue;
    replaced += 1;
    for (let t = 0; t < steps; t += 1) {
      const at = (t * size + n) * frame;
      pictures.set(events.subarray(at, at + frame), at);
    }
  }
  return replaced;
}
