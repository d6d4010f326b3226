import { lifGradKernel, lifKernel, type LifAttrs } from "../lif.ts";
import type { SurrogateKind } from "../ops.ts";
import { elements, named } from "../replace-kernel.ts";
import { replaceKernel, type WasmTools } from "./register.ts";

/** In the order of the kernel's `kind`. */
export const surrogateKinds: readonly SurrogateKind[] = ["quadratic-gate", "unit-box", "triangle", "gate", "arctan", "sigmoid"];

/** The kernel's `output`: spikes, potential after the reset, potential before it. */
export const outputOf = ({ output, potential }: LifAttrs): number => (output === "spikes" ? 0 : potential === "post" ? 1 : 2);

/** The neuron over all time steps as one kernel forward and one backward. */
export function registerNeuron({ heap, kernels }: WasmTools): void {
  replaceKernel(lifKernel, (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = named(inputs, "x");
    const out = heap.output(x.shape);
    const neurons = elements(x.shape) / attrs.steps;
    const { keep, gain, threshold, steps } = attrs;
    kernels.lifForward(heap.at(x), heap.at(out), steps, neurons, keep, gain, threshold, outputOf(attrs));
    return out;
  });

  replaceKernel(lifGradKernel, (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = named(inputs, "x");
    const dy = named(inputs, "dy");
    const { keep, gain, threshold, steps, detachReset, surrogate, alpha } = attrs;
    const out = heap.output(x.shape);
    const trace = heap.scratch(steps * 16);
    kernels.lifBackward(
      ...[heap.at(x), heap.at(dy), heap.at(out), trace, steps, elements(x.shape) / steps],
      ...[keep, gain, threshold, detachReset ? 1 : 0, outputOf(attrs), surrogateKinds.indexOf(surrogate), alpha],
    );
    return out;
  });
}
