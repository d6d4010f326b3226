import { mixTargets } from "../replace-rows.ts";
import type { HostBatch } from "../transfer.ts";

/** Halvings of the interval: more than a double can tell apart. */
const BISECTIONS = 60;

/** Expected number of event frames of T when a sequence switches at each step with probability p: T − q(1 − q^T)/p, q = 1 − p. */
function expectedFrames(p: number, steps: number): number {
  if (p === 0) return 0;
  const q = 1 - p;
  return steps - (q * (1 - q ** steps)) / p;
}

/**
 * The probability of switching at a step with which the wanted share of frames is event frames on average. The law and the
 * left side of its equation are those of the method; that the right side is ratio·T is our reading.
 */
export function switchProbability(ratio: number, steps: number): number {
  if (ratio <= 0) return 0;
  if (ratio >= 1) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (expectedFrames(middle, steps) < ratio * steps) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** First step of which the draw falls below p, as index from 0; `steps` when none does. All draws are made. */
export function firstSwitch(p: number, steps: number, draw: () => number): number {
  let first = steps;
  for (let t = 0; t < steps; t += 1) if (draw() < p && t < first) first = t;
  return first;
}

/**
 * Time-step mixup: from its switch on, each picture sequence shows the frames of its partner recording, which keep their
 * place in time (Xie et al. 2025). Answers where events are shown, `[T·N]`, T slowest.
 */
export function mixTimeSteps(batch: HostBatch, p: number, draw: () => number): Float32Array {
  const { events, pictures, steps, size } = batch;
  const marks = new Float32Array(steps * size);
  if (events === undefined || pictures === undefined) return marks;
  const frame = events.length / (steps * size);
  for (let n = 0; n < size; n += 1) {
    const first = firstSwitch(p, steps, draw);
    for (let t = first; t < steps; t += 1) {
      const row = t * size + n;
      pictures.set(events.subarray(row * frame, (row + 1) * frame), row * frame);
      marks[row] = 1;
    }
    mixTargets(batch, n, (steps - first) / steps);
  }
  return marks;
}
