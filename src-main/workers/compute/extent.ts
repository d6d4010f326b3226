import type { TrainPhase } from "#main/units/transfers/transfer.ts";

/** An epoch has at least this many steps: small data sets are passed over several times within one. */
const MIN_STEPS_PER_EPOCH = 25;

/** Steps of one epoch over so many samples. */
export const stepsPerEpochOf = (samples: number, batchSize: number): number =>
  Math.max(MIN_STEPS_PER_EPOCH, Math.round(samples / batchSize));

/** Epochs and steps of all phases with so many samples. */
export function extentOf(
  phases: readonly TrainPhase[],
  clips: number,
  pictures: number,
  batchSize: number,
): { readonly epochs: number; readonly steps: number } {
  let [epochs, steps] = [0, 0];
  for (const phase of phases) {
    epochs += phase.epochs;
    steps += phase.epochs * stepsPerEpochOf(phase.sweeps === "pictures" ? pictures : clips, batchSize);
  }
  return { epochs, steps };
}
