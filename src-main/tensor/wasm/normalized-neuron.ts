import { normalizedLifGradKernel, normalizedLifKernel, type NormalizedLifAttrs } from "../normalized-lif.ts";
import { elements, named } from "../replace-kernel.ts";
import { outputOf, surrogateKinds } from "./neuron.ts";
import { replaceKernel, type WasmTools } from "./register.ts";

/** Batch norm and the neuron behind it as one operation. Channels that are no multiple of four take the long way. */
export function registerNormalizedNeuron({ heap, kernels }: WasmTools): void {
  replaceKernel(normalizedLifKernel, (inputs, raw) => {
    const attrs = raw as unknown as NormalizedLifAttrs;
    const { groups, epsilon, scale, steps, keep, gain, threshold } = attrs;
    const [x, gamma, beta] = [named(inputs, "x"), named(inputs, "gamma"), named(inputs, "beta")];
    const channels = x.shape.at(-1) ?? 1;
    const count = elements(x.shape);
    const rows = count / channels / groups;
    const out = heap.output(x.shape);
    const stats = heap.output([2, groups, channels]);
    const scratch = heap.scratch(Math.max(16, groups * 4) * channels);
    kernels.bnStats(heap.at(x), heap.at(stats), scratch, groups, rows, channels);
    if (channels % 4 === 0) {
      kernels.bnFactors(heap.at(stats), heap.at(gamma), scratch, groups, channels, epsilon, scale);
      kernels.bnLifForward(
        ...[heap.at(x), heap.at(out), heap.at(stats), scratch, heap.at(beta), groups, steps, count / steps, channels],
        ...[keep, gain, threshold, outputOf(attrs)],
      );
      return [out, stats];
    }
    kernels.bnNormalize(
      ...[heap.at(x), heap.at(out), heap.at(stats), heap.at(gamma), heap.at(beta), scratch],
      ...[groups, rows, channels, epsilon, scale],
    );
    // Every neuron reads a step before it writes it, so the result may take the place of its input.
    kernels.lifForward(heap.at(out), heap.at(out), steps, count / steps, keep, gain, threshold, outputOf(attrs));
    return [out, stats];
  });

  replaceKernel(normalizedLifGradKernel, (inputs, raw) => {
    const attrs = raw as unknown as NormalizedLifAttrs;
    const { groups, epsilon, scale, steps, keep, gain, threshold, detachReset, surrogate, alpha } = attrs;
    const [x, dy, gamma] = [named(inputs, "x"), named(inputs, "dy"), named(inputs, "gamma")];
    const [beta, stats] = [named(inputs, "beta"), named(inputs, "stats")];
    const channels = x.shape.at(-1) ?? 1;
    const count = elements(x.shape);
    const rows = count / channels / groups;
    const neuron = [keep, gain, threshold, detachReset ? 1 : 0, outputOf(attrs), surrogateKinds.indexOf(surrogate), alpha];
    const dx = heap.output(x.shape);
    const dgamma = heap.output([channels]);
    const dbeta = heap.output([channels]);
    const trace = steps * 16;
    const scratch = heap.scratch(trace + Math.max(48, groups * 4) * channels);
    if (channels % 4 === 0) {
      kernels.bnFactors(heap.at(stats), heap.at(gamma), scratch + trace, groups, channels, epsilon, scale);
      kernels.bnLifBackward(
        ...[heap.at(x), heap.at(dy), heap.at(dx), heap.at(stats), scratch + trace, heap.at(beta), scratch],
        ...[groups, steps, count / steps, channels, ...neuron],
      );
    } else {
      kernels.bnNormalize(
        ...[heap.at(x), heap.at(dx), heap.at(stats), heap.at(gamma), heap.at(beta), scratch + trace],
        ...[groups, rows, channels, epsilon, scale],
      );
      // A neuron has read all of its input when it begins to write.
      kernels.lifBackward(heap.at(dx), heap.at(dy), heap.at(dx), scratch, steps, count / steps, ...neuron);
    }
    // Each value of dy is read for the last time just before dx takes its place.
    kernels.bnGradient(
      ...[heap.at(x), heap.at(dx), heap.at(gamma), heap.at(stats), heap.at(dx), heap.at(dgamma), heap.at(dbeta)],
      ...[scratch + trace, groups, rows, channels, epsilon, scale],
    );
    return [dx, dgamma, dbeta];
  });
}
