import type { HostBatch } from "./transfer.ts";

/** After row `n` of the pictures has become events to the share `ratio`, its label follows. */
export function mixTargets({ targets, size }: HostBatch, n: number, ratio: number): void {
  if (targets === undefined) return;
  const classes = targets.events.length / size;
  for (let at = n * classes; at < (n + 1) * classes; at += 1) {
    targets.pictures[at] = (1 - ratio) * (targets.pictures[at] ?? 0) + ratio * (targets.events[at] ?? 0);
  }
}

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
    mixTargets(batch, n, 1);
  }
  return replaced;
}
