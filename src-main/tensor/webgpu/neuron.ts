import { lifGradKernel, lifKernel, type LifAttrs } from "../lif.ts";
import type { SurrogateKind } from "../ops.ts";
import { elements, named, replaceKernel } from "../replace-kernel.ts";
import { lanes, mainPerIndex, type GpuDevice, type Shader } from "./device.ts";

/** A thread keeps this many potentials in registers or local memory; longer sequences use the composed form. */
const mostSteps = 64;

const dynamics = `
    let pre = u.keep * v + u.gain * x[at];
    let fired = pre - u.threshold > 0.0;
    v = select(pre, 0.0, fired);`;

const forward = ({ output, potential }: LifAttrs): Shader => {
  const value = output === "spikes" ? "select(0.0, 1.0, fired)" : potential === "post" ? "v" : "pre";
  return {
    key: `lif ${output} ${potential}`,
    arrays: ["x", "result"],
    writes: 1,
    integers: ["neurons", "steps"],
    floats: ["keep", "gain", "threshold"],
    code: `${mainPerIndex("u.neurons")}
  var v = 0.0;
  for (var t = 0; t < u.steps; t++) {
    let at = t * u.neurons + index;${dynamics}
    result[at] = ${value};
  }
}`,
  };
};

/** g'(d), d = v_pre − θ, with the kind's constant in `u.alpha`; see `surrogateGradient`. */
const surrogates: Readonly<Record<SurrogateKind, string>> = {
  "quadratic-gate": "max(0.0, u.alpha - u.alpha * u.alpha * abs(d))",
  "unit-box": "select(0.0, 1.0, abs(d) < 0.5)",
  triangle: "max(0.0, u.alpha - abs(d)) / (u.alpha * u.alpha)",
  gate: "select(0.0, 1.0, abs(d) < 1.0 / u.alpha)",
  arctan: "0.5 * u.alpha / (1.0 + pow2(1.5707963267948966 * u.alpha * d))",
  sigmoid: "u.alpha * sigma(u.alpha * d) * (1.0 - sigma(u.alpha * d))",
};

const backward = ({ output, potential, surrogate, detachReset, steps }: LifAttrs): Shader => {
  const throughPost = output === "potential" && potential === "post";
  const throughPre = output === "potential" && potential === "pre";
  return {
    key: `lif gradient ${output} ${potential} ${surrogate} ${detachReset} ${steps}`,
    arrays: ["x", "dy", "result"],
    writes: 2,
    integers: ["neurons"],
    floats: ["keep", "gain", "threshold", "alpha"],
    code: `
fn pow2(a: f32) -> f32 { return a * a; }
fn sigma(a: f32) -> f32 { return 1.0 / (1.0 + exp(-a)); }
fn surrogate(d: f32) -> f32 { return ${surrogates[surrogate]}; }
${mainPerIndex("u.neurons")}
  var trace: array<f32, ${steps}>;
  var v = 0.0;
  for (var t = 0; t < ${steps}; t++) {
    let at = t * u.neurons + index;${dynamics}
    trace[t] = pre;
  }
  var carried = 0.0;
  for (var t = ${steps - 1}; t >= 0; t--) {
    let at = t * u.neurons + index;
    let pre = trace[t];
    let d = pre - u.threshold;
    let post = carried${throughPost ? " + dy[at]" : ""};
    let spike = ${output === "spikes" ? "dy[at]" : "0.0"}${detachReset ? "" : " - post * pre"};
    let slope = select(post, 0.0, d > 0.0) + spike * surrogate(d)${throughPre ? " + dy[at]" : ""};
    result[at] = u.gain * slope;
    carried = u.keep * slope;
  }
}`,
  };
};

/** The neuron over all time steps: one dispatch forward, one backward, and no membrane potential saved between. */
export function registerNeuron(gpu: GpuDevice): void {
  replaceKernel("webgpu", lifKernel, (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = named(inputs, "x");
    if (!gpu.floats(x)) return undefined;
    const { steps, keep, gain, threshold } = attrs;
    const neurons = elements(x.shape) / steps;
    const result = gpu.output(x.shape);
    gpu.run(forward(attrs), [x, result], [neurons, steps, keep, gain, threshold], gpu.spread(Math.ceil(neurons / lanes)));
    return result;
  });

  replaceKernel("webgpu", lifGradKernel, (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = named(inputs, "x");
    const dy = named(inputs, "dy");
    if (attrs.steps > mostSteps || !gpu.floats(x, dy)) return undefined;
    const { steps, keep, gain, threshold, alpha } = attrs;
    const neurons = elements(x.shape) / steps;
    const result = gpu.output(x.shape);
    gpu.run(backward(attrs), [x, dy, result], [neurons, keep, gain, threshold, alpha], gpu.spread(Math.ceil(neurons / lanes)));
    return result;
  });
}
