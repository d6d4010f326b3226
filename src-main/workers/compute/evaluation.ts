import { microjouleOf } from "#shared/api/energy.ts";
import type { Evaluation } from "#shared/api/run.ts";
import type { Network } from "#main/units/models/model.ts";
import type { Samples } from "./load.ts";
import type { Measurement } from "./measure.ts";
import type { InputShape } from "./spec.ts";

/** What a decision costs on hardware that computes only where there are spikes. */
export interface Cost {
  /** Accumulations caused by spikes, per decision. */
  readonly synapticOperations: number;
  /** Multiply-accumulations of layers that read numbers and not spikes, per decision. */
  readonly inputOperations: number;
  /** Multiply-accumulations of the same network over the same steps if its layers passed numbers on and not spikes. */
  readonly denseOperations: number;
  readonly energyMicrojoule: number;
}

/**
 * Operations of one decision: each layer's multiply-accumulates × T × the firing rate of the layer it reads; what reads
 * numbers, as the first layer does, in full. Batch norm counts as folded into the weights; pooling as part of the next layer.
 */
export function costOf(
  network: Pick<Network, "macs" | "reads">,
  spikeRates: Readonly<Record<string, number>>,
  steps: number,
): Cost {
  const layers = Object.entries(network.macs);
  const rates = Object.values(spikeRates);
  let synapticOperations = 0;
  let inputOperations = 0;
  for (const [index, [name, macs]] of layers.entries()) {
    const read = network.reads?.[name];
    if (read === null || (read === undefined && index === 0)) inputOperations += macs * steps;
    else synapticOperations += macs * steps * ((read === undefined ? rates[index - 1] : spikeRates[read]) ?? 0);
  }
  const denseOperations = steps * layers.reduce((sum, [, macs]) => sum + macs, 0);
  return {
    ...{ synapticOperations, inputOperations, denseOperations },
    energyMicrojoule: microjouleOf(synapticOperations, inputOperations),
  };
}

/** A measurement as the report people read. */
export function evaluationOf(
  names: { readonly model: string; readonly dataset: string; readonly classes: readonly string[] },
  clips: Samples,
  measured: Measurement,
  network: Network,
  [steps]: InputShape,
  { latencyMs, windowUs }: { readonly latencyMs: number; readonly windowUs: number },
): Evaluation {
  return {
    model: names.model,
    dataset: names.dataset,
    accuracy: measured.accuracy,
    samples: clips.samples.length,
    classes: names.classes,
    perClass: names.classes.map((label, index) => {
      const row = measured.confusion[index] ?? [];
      const samples = row.reduce((sum, count) => sum + count, 0);
      return { label, samples, accuracy: samples === 0 ? 0 : (row[index] ?? 0) / samples };
    }),
    confusion: measured.confusion,
    answers: measured.answers.map(({ answer, score }, n) => ({
      sample: clips.samples[n]?.id ?? "",
      truth: clips.samples[n]?.classIndex ?? 0,
      answer,
      score,
    })),
    accuracyByStep: measured.accuracyByStep,
    spikesPerDecision: measured.spikesPerClip,
    ...costOf(network, measured.spikeRates, steps),
    spikeRates: measured.spikeRates,
    neurons: Object.values(network.shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0),
    latencyMs,
    windowUs,
  };
}
