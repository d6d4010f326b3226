import type { Tensor } from "@tensorflow/tfjs";
import type { AlignmentMap, Compared, LayerAlignment } from "#shared/api/run.ts";
import { centerGram, ckaOfGrams, type CenteredGrams } from "#main/tensor/gram.ts";
import { createRandom, shuffle } from "#main/tensor/random.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Network } from "#main/units/models/model.ts";
import type { Samples } from "./load.ts";
import { stack } from "./measure.ts";
import type { InputShape } from "./spec.ts";

/** More pairs are not compared: the debiased estimate is good enough and an epoch should cost little more. */
const MOST_PAIRS = 64;
/** With fewer pairs CKA says nothing (it needs four without bias). */
const FEWEST_PAIRS = 8;
/** The estimates of few pairs scatter: held-out clips that are fewer than these give way to a part with more. */
const ENOUGH_PAIRS = 32;

/** Clips and pictures of the same classes, row by row. */
export interface Pairs {
  readonly part: Compared["part"];
  readonly clips: readonly Float32Array[];
  readonly pictures: readonly Float32Array[];
  /** How many pass through the network at once. */
  readonly batch: number;
}

/** The heads of the two streams. */
export interface StreamHeads {
  readonly pictures: string;
  readonly clips: string;
}

/** Indexes of samples in turns over the classes, shuffled within each. */
function inTurns({ samples }: Samples, seed: number): readonly number[] {
  const random = createRandom(seed, "alignment clips");
  const lists = new Map<number, number[]>();
  for (const [index, { classIndex }] of samples.entries()) {
    const list = lists.get(classIndex);
    if (list === undefined) lists.set(classIndex, [index]);
    else list.push(index);
  }
  const shuffled = [...lists.values()].map((list) => shuffle(list, random));
  const longest = Math.max(0, ...shuffled.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => shuffled.flatMap((list) => list[turn] ?? [])).flat();
}

function pairsOf(part: Pairs["part"], clips: Samples, pictures: Samples, batchSize: number, seed: number): Pairs | undefined {
  const byClass = new Map<number, number[]>();
  for (const index of inTurns(pictures, seed)) {
    const label = pictures.samples[index]?.classIndex ?? -1;
    byClass.set(label, [...(byClass.get(label) ?? []), index]);
  }
  const used = new Map<number, number>();
  const pairs = inTurns(clips, seed).flatMap((index) => {
    const label = clips.samples[index]?.classIndex ?? -1;
    const choices = byClass.get(label) ?? [];
    const turn = used.get(label) ?? 0;
    used.set(label, turn + 1);
    const [clip, picture] = [clips.values[index], pictures.values[choices[turn % choices.length] ?? -1]];
    return clip === undefined || picture === undefined ? [] : [{ clip, picture }];
  });
  const count = Math.min(pairs.length, MOST_PAIRS, 2 * Math.max(FEWEST_PAIRS, batchSize));
  if (count < FEWEST_PAIRS) return undefined;
  const batch = Math.min(Math.max(FEWEST_PAIRS, batchSize), count);
  const kept = pairs.slice(0, count - (count % batch));
  return { part, clips: kept.map(({ clip }) => clip), pictures: kept.map(({ picture }) => picture), batch };
}

/** Clips by what they are used for. */
export type Parts = Readonly<Partial<Record<Compared["part"], Samples>>>;

/**
 * Chooses pairs of the same class to compare the streams by: all classes alike, always the same for a seed, with generators of
 * their own so that a training draws what it would draw without them. From the first part that has enough, else from the one with
 * the most; nothing when none has a few, or when the network cannot read these pictures.
 * @param channels which the picture stream reads.
 */
export function pairsFor(
  parts: Parts,
  pictures: Samples,
  [, height, width]: InputShape,
  channels: number,
  batchSize: number,
  seed: number,
): Pairs | undefined {
  if (pictures.values[0]?.length !== height * width * channels) return undefined;
  let most: Pairs | undefined;
  for (const part of ["test", "validation", "training"] as const) {
    const clips = parts[part];
    const pairs = clips && pairsOf(part, clips, pictures, batchSize, seed);
    if (pairs === undefined) continue;
    if (pairs.clips.length >= ENOUGH_PAIRS) return pairs;
    if (most === undefined || pairs.clips.length > most.clips.length) most = pairs;
  }
  return most;
}

/** Spikes of all pairs by layer, `[T, N, D]`; to be disposed of. */
function spikesOf(
  network: Network,
  head: string,
  sequences: readonly Float32Array[],
  batch: number,
  steps: number,
  [height, width, channels]: readonly [number, number, number],
): Readonly<Record<string, Tensor>> {
  const parts: Record<string, Tensor[]> = {};
  for (let from = 0; from < sequences.length; from += batch) {
    const found = tf.tidy(() => {
      const x = tf.tensor4d(stack(sequences.slice(from, from + batch), steps), [steps * batch, height, width, channels]);
      const { spikes = {} } = network.forward(x, { head, training: false, spikes: true, features: false });
      return Object.fromEntries(
        Object.entries(spikes).map(([name, tensor]) => [name, tf.reshape(tensor, [steps, batch, -1])] as const),
      );
    });
    for (const [name, tensor] of Object.entries(found)) (parts[name] ??= []).push(tensor);
  }
  return Object.fromEntries(
    Object.entries(parts).map(([name, tensors]) => {
      const [only] = tensors;
      if (tensors.length === 1 && only !== undefined) return [name, only] as const;
      const joined = tf.concat(tensors, 1);
      tf.dispose(tensors);
      return [name, joined] as const;
    }),
  );
}

const gramOf = (x: Tensor): Tensor => tf.matMul(x, x, false, true);

/** Centred Gram matrices of a layer: of its spikes summed over time, and of each step when asked for. */
interface LayerGrams {
  readonly sum: CenteredGrams;
  readonly steps: readonly CenteredGrams[];
}

async function gramsOf(spikes: Readonly<Record<string, Tensor>>, rows: number, byStep: boolean): Promise<readonly LayerGrams[]> {
  const grams: LayerGrams[] = [];
  for (const tensor of Object.values(spikes)) {
    const stacked = tf.tidy(() => {
      const steps = byStep ? tf.unstack(tensor, 0).map(gramOf) : [];
      return tf.stack([gramOf(tf.sum(tensor, 0)), ...steps]);
    });
    const values = await stacked.data();
    stacked.dispose();
    const cells = rows * rows;
    const all = Array.from({ length: values.length / cells }, (_, k) =>
      centerGram(values.subarray(k * cells, (k + 1) * cells), rows),
    );
    const [sum, ...steps] = all;
    if (sum !== undefined) grams.push({ sum, steps });
  }
  return grams;
}

const estimates = <T>(of: (estimator: "biased" | "debiased") => T): { readonly biased: T; readonly debiased: T } => ({
  biased: of("biased"),
  debiased: of("debiased"),
});

async function bothStreams(network: Network, heads: StreamHeads, pairs: Pairs, input: InputShape, byStep: boolean) {
  const [steps, height, width, channels] = input;
  const { clips, pictures, batch } = pairs;
  const rows = clips.length;
  const frame = pictures[0]?.length ?? 0;
  const still = pictures.map((picture) => {
    const sequence = new Float32Array(steps * frame);
    for (let t = 0; t < steps; t += 1) sequence.set(picture, t * frame);
    return sequence;
  });
  const read = async (head: string, sequences: readonly Float32Array[], depth: number) => {
    const spikes = spikesOf(network, head, sequences, batch, steps, [height, width, depth]);
    try {
      return { layers: Object.keys(spikes), grams: await gramsOf(spikes, rows, byStep) };
    } finally {
      tf.dispose(spikes);
    }
  };
  const shown = await read(heads.pictures, still, frame / (height * width));
  const seen = await read(heads.clips, clips, channels);
  return { layers: seen.layers, shown: shown.grams, seen: seen.grams };
}

/** How alike pictures and clips are in each layer: CKA of spikes summed over time. */
export async function layerAlignment(
  network: Network,
  heads: StreamHeads,
  pairs: Pairs,
  input: InputShape,
): Promise<LayerAlignment> {
  const { layers, shown, seen } = await bothStreams(network, heads, pairs, input, false);
  const same = estimates((estimator) =>
    seen.map(({ sum }, index) => {
      const other = shown[index];
      return other === undefined ? 0 : ckaOfGrams(other.sum, sum, estimator);
    }),
  );
  return { part: pairs.part, pairs: pairs.clips.length, layers, ...same };
}

/** Every layer of the picture stream against every layer of the clips, and the same layers step by step. */
export async function alignmentMap(network: Network, heads: StreamHeads, pairs: Pairs, input: InputShape): Promise<AlignmentMap> {
  const { layers, shown, seen } = await bothStreams(network, heads, pairs, input, true);
  return {
    part: pairs.part,
    pairs: pairs.clips.length,
    layers,
    between: estimates((estimator) => shown.map((row) => seen.map(({ sum }) => ckaOfGrams(row.sum, sum, estimator)))),
    bySteps: estimates((estimator) =>
      seen.map(({ steps }, layer) =>
        steps.map((gram, t) => {
          const other = shown[layer]?.steps[t];
          return other === undefined ? 0 : ckaOfGrams(other, gram, estimator);
        }),
      ),
    ),
  };
}
