import type { Rank, Tensor2D } from "@tensorflow/tfjs";
import { meanLogits, stepLosses, type TetConstants } from "#main/tensor/losses.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Network } from "#main/units/models/model.ts";
import type { Samples } from "./load.ts";
import type { InputShape } from "./spec.ts";

/** What a network answers to a list of clips, in inference mode. */
export interface Measurement {
  readonly loss: number;
  readonly accuracy: number;
  readonly answers: readonly { readonly answer: number; readonly score: number }[];
  /** Accuracy after the first k of T time steps. */
  readonly accuracyByStep: readonly number[];
  /** Mean spikes per neuron and step, by layer. */
  readonly spikeRates: Readonly<Record<string, number>>;
  /** Spikes of all neurons over all steps, mean per clip. */
  readonly spikesPerClip: number;
  readonly confusion: readonly (readonly number[])[];
}

/** `[T, N, H, W, C]` from clips `[T, H, W, C]`. */
export function stack(clips: readonly Float32Array[], steps: number): Float32Array {
  const frame = (clips[0]?.length ?? 0) / steps;
  const out = new Float32Array(clips.length * steps * frame);
  for (const [n, clip] of clips.entries()) {
    for (let t = 0; t < steps; t += 1) {
      out.set(clip.subarray(t * frame, (t + 1) * frame), (t * clips.length + n) * frame);
    }
  }
  return out;
}

function softmaxOf(logits: Float32Array, from: number, classes: number): { readonly answer: number; readonly score: number } {
  let answer = 0;
  for (let c = 1; c < classes; c += 1) if ((logits[from + c] ?? 0) > (logits[from + answer] ?? 0)) answer = c;
  let sum = 0;
  for (let c = 0; c < classes; c += 1) sum += Math.exp((logits[from + c] ?? 0) - (logits[from + answer] ?? 0));
  return { answer, score: 1 / sum };
}

/**
 * Runs the clips through the head that reads events. Batches keep one size (the last is filled up), as graphics
 * backends keep buffers by size. `between` is awaited after every batch.
 */
export async function measure(
  network: Network,
  head: string,
  clips: Samples,
  classes: number,
  input: InputShape,
  batchSize: number,
  tet: TetConstants,
  between: () => Promise<void>,
): Promise<Measurement> {
  const [steps, height, width, channels] = input;
  const total = clips.samples.length;
  const size = Math.max(1, Math.min(batchSize, total));
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const answers: { answer: number; score: number }[] = [];
  const rightByStep = new Array<number>(steps).fill(0);
  const rates: Record<string, number> = {};
  let spikes = 0;
  let loss = 0;
  for (let from = 0; from < total; from += size) {
    const real = Math.min(size, total - from);
    const chosen = Array.from({ length: size }, (_, n) => clips.values[Math.min(from + n, total - 1)] ?? new Float32Array(0));
    const truths = Int32Array.from({ length: size }, (_, n) => clips.samples[Math.min(from + n, total - 1)]?.classIndex ?? 0);
    const found = tf.tidy(() => {
      const x = tf.tensor4d(stack(chosen, steps), [steps * size, height, width, channels]);
      const out = network.forward(x, { head, training: false, spikes: true, features: false });
      const logits = out.logits as Tensor2D;
      const perStep = tf.cumsum(tf.reshape(logits, [steps, size, classes]), 0);
      const layers = Object.entries(out.spikes ?? {});
      const counts = layers.map(([, tensor]) =>
        tf.sum(tf.reshape(tf.slice(tf.reshape(tensor, [steps, size, -1]), [0, 0, 0], [steps, real, -1]), [-1])),
      );
      const sizes = layers.map(([, tensor]) => tensor.size / (steps * size));
      // The last batch is filled with repetitions; its loss counts the real rows only.
      const rowsOf = (tensor: typeof perStep) => tf.slice(tensor, [0, 0, 0], [steps, real, classes]);
      const realLogits = tf.reshape<Rank.R2>(rowsOf(tf.reshape(logits, [steps, size, classes])), [steps * real, classes]);
      const { crossEntropy, squared } = stepLosses(realLogits, tf.tensor1d(truths.slice(0, real), "int32"), steps, tet.target);
      const batchLoss = tf.mean(crossEntropy.mul(1 - tet.lambda).add(squared.mul(tet.lambda)));
      return {
        perStep,
        mean: meanLogits(logits, steps),
        loss: batchLoss,
        counts: counts.length > 0 ? tf.stack(counts) : tf.zeros([0]),
        names: layers.map(([name]) => name),
        sizes,
      };
    });
    const [perStep, mean, batchLoss, counts] = await Promise.all([
      found.perStep.data(),
      found.mean.data(),
      found.loss.data(),
      found.counts.data(),
    ]);
    tf.dispose([found.perStep, found.mean, found.loss, found.counts]);
    loss += (batchLoss[0] ?? 0) * real;
    for (const [index, name] of found.names.entries()) {
      const count = counts[index] ?? 0;
      spikes += count;
      rates[name] = (rates[name] ?? 0) + count / (steps * (found.sizes[index] ?? 1));
    }
    for (let n = 0; n < real; n += 1) {
      const truth = truths[n] ?? 0;
      const found = softmaxOf(mean as Float32Array, n * classes, classes);
      answers.push(found);
      const row = confusion[truth];
      if (row !== undefined) row[found.answer] = (row[found.answer] ?? 0) + 1;
      for (let t = 0; t < steps; t += 1) {
        if (softmaxOf(perStep as Float32Array, (t * size + n) * classes, classes).answer === truth) {
          rightByStep[t] = (rightByStep[t] ?? 0) + 1;
        }
      }
    }
    await between();
  }
  const share = (count: number): number => (total === 0 ? 0 : count / total);
  const right = answers.filter(({ answer }, n) => answer === clips.samples[n]?.classIndex).length;
  return {
    loss: share(loss),
    accuracy: share(right),
    answers,
    accuracyByStep: rightByStep.map(share),
    spikeRates: Object.fromEntries(Object.entries(rates).map(([name, sum]) => [name, share(sum)])),
    spikesPerClip: share(spikes),
    confusion,
  };
}
