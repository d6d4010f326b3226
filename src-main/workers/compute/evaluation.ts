import type { Evaluation } from "#shared/api/run.ts";
import type { Network } from "#main/units/models/model.ts";
import type { Samples } from "./load.ts";
import type { Measurement } from "./measure.ts";
import type { InputShape } from "./spec.ts";

/** Energy of an accumulation and of a multiply-accumulation, pJ: 45 nm, 32 bit float (Horowitz, ISSCC 2014, doi 10.1109/ISSCC.2014.6757323). */
export const PICOJOULE_PER_AC = 0.9;
export const PICOJOULE_PER_MAC = 4.6;

/** What a decision costs on hardware that computes only where there are spikes. */
export interface Cost {
  /** Accumulations caused by spikes, per decision. */
  readonly synapticOperations: number;
  /** Multiply-accumulations of layers that read numbers and not spikes, per decision. */
  readonly inputOperations: number;
  readonly energyMicrojoule: number;
}

/**
 * Operations of one decision: each layer's multiply-accumulates × T × the firing rate of the layer it reads; what reads
 * numbers, as the first layer does, in full. Batch norm counts as folded into the weights; pooling as part of the next layer.
 */
export function costOf(network: Network, spikeRates: Readonly<Record<string, number>>, steps: number): Cost {
  const layers = Object.entries(network.macs);
  const rates = Object.values(spikeRates);
  let synapticOperations = 0;
  let inputOperations = 0;
  for (const [index, [name, macs]] of layers.entries()) {
    const read = network.reads?.[name];
    if (read === null || (read === undefined && index === 0)) inputOperations += macs * steps;
    else synapticOperations += macs * steps * ((read === undefined ? rates[index - 1] : spikeRates[read]) ?? 0);
  }
  const picojoule = synapticOperations * PICOJOULE_PER_AC + inputOperations * PICOJOULE_PER_MAC;
  return { synapticOperations, inputOperations, energyMicrojoule: picojoule / 1e6 };
}

/** A measurement as the report people read. */
export function evaluationOf(
  names: { readonly model: string; readonly dataset: string; readonly classes: readonly string[] },
  clips: Samples,
  measured: Measurement,
  network: Network,
  [steps]: InputShape,
  latencyMs: number,
): Evaluation {
  const { synapticOperations, energyMicrojoule } = costOf(network, measured.spikeRates, steps);
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
    synapticOperations,
    energyMicrojoule,
    latencyMs,
  };
}
