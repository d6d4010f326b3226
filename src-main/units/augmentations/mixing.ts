import type { ParamSpec } from "#shared/units/params.ts";
import type { ClipBatch } from "./augmentation.ts";

/** Parameters of everything that mixes two clips. */
export const mixingParams = {
  probability: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 1,
    label: "Probability",
    help: "Share of the clips of a batch that is mixed with another one of the same batch.",
  },
  beta: {
    type: "number",
    default: 1,
    min: 0.1,
    max: 2,
    label: "β",
    help: "The mix is drawn from Beta(β, β): 1 makes all equally likely, less favors the ends, more the middle.",
  },
} as const satisfies ParamSpec;

/** Draws from Beta(a, a) (Jöhnk's method; a up to 2 needs six tries at most on average). */
export function drawBeta(a: number, random: () => number): number {
  for (;;) {
    const x = random() ** (1 / a);
    const y = random() ** (1 / a);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

/** Label of row n: `weight` of its own and the rest of row m's, both from before. */
export function mixLabel(
  targets: Float32Array,
  before: Float32Array,
  classes: number,
  n: number,
  m: number,
  weight: number,
): void {
  for (let c = 0; c < classes; c += 1) {
    targets[n * classes + c] = weight * (before[n * classes + c] ?? 0) + (1 - weight) * (before[m * classes + c] ?? 0);
  }
}

/** Mixes row m of a batch as it was into row n of the batch as it becomes; answers the weight of row n's own label. */
export type MixRows = (batch: ClipBatch, before: Float32Array, n: number, m: number, lambda: number) => number;

/** Goes over a batch and mixes the chosen share of rows, each with another row of the batch as it was before. */
export function mixBatch(
  batch: ClipBatch,
  { probability, beta }: { readonly probability: number; readonly beta: number },
  random: () => number,
  mix: MixRows,
): void {
  const { values, targets, shape } = batch;
  const size = shape[1];
  if (size < 2) return;
  const before = values.slice();
  const labels = targets.slice();
  const classes = targets.length / size;
  for (let n = 0; n < size; n += 1) {
    if (random() >= probability) continue;
    const lambda = drawBeta(beta, random);
    const other = Math.floor(random() * (size - 1));
    const m = other < n ? other : other + 1;
    mixLabel(targets, labels, classes, n, m, mix(batch, before, n, m, lambda));
  }
}
