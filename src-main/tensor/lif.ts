import type { Tensor } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { input, registerOperation, run } from "./kernel.ts";
import type { LifOutput, LifSpec } from "./ops.ts";
import { surrogateGradient } from "./surrogate-gradient.ts";
import { tf } from "./tf.ts";

/** What a LIF kernel is told. */
export interface LifAttrs extends LifSpec {
  readonly steps: number;
  readonly output: "spikes" | "potential";
}

/** Kernel names; `Lif` takes `x`, `LifGrad` takes `x` and `dy`, both `[T·N, …]`. */
export const lifKernel = "Lif";
export const lifGradKernel = "LifGrad";

/** A GPU thread keeps the potentials of all steps in its local memory, which ends at twice this many. */
export const mostFusedSteps = 1024;

interface Trace {
  /** Potential before the reset, spike and potential after the reset, per step. */
  readonly pre: Tensor[];
  readonly spike: Tensor[];
  readonly post: Tensor[];
}

function trace(x: Tensor, { steps, keep, gain, threshold }: LifAttrs): Trace {
  const pre: Tensor[] = [];
  const spike: Tensor[] = [];
  const post: Tensor[] = [];
  const inputs = tf.unstack(tf.reshape(x, [steps, -1]));
  for (const [t, xt] of inputs.entries()) {
    const last = post[t - 1];
    const drive = tf.mul(xt, gain);
    const vPre = last === undefined ? drive : tf.add(tf.mul(last, keep), drive);
    const s = tf.step(tf.sub(vPre, threshold));
    pre.push(vPre);
    spike.push(s);
    post.push(tf.mul(vPre, tf.sub(1, s)));
  }
  return { pre, spike, post };
}

registerOperation({
  name: lifKernel,
  composed: (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = input(inputs, "x");
    const { pre, spike, post } = trace(x, attrs);
    const wanted = attrs.output === "spikes" ? spike : attrs.potential === "post" ? post : pre;
    return tf.reshape(tf.stack(wanted), x.shape);
  },
  gradient: {
    inputsToSave: ["x"],
    gradient: ([dy], [x], attrs) => ({ x: () => run(lifGradKernel, { x: x!, dy: dy! }, attrs) }),
  },
});

/*
 * Back-propagation through time. With g_s, g_v the upstream gradients of spike and recorded potential and c the
 * gradient carried back from the next step:
 *   d_post = c[t+1] (+ g_v if the potential is the one after the reset)
 *   d_s    = g_s − (0 if the reset is detached, else d_post · v_pre)
 *   d_pre  = d_post · (1 − s) + d_s · g'(v_pre − θ) (+ g_v if the potential is the one before the reset)
 *   dx     = gain · d_pre,  c[t] = keep · d_pre
 */
registerOperation({
  name: lifGradKernel,
  composed: (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = input(inputs, "x");
    const dys = tf.unstack(tf.reshape(input(inputs, "dy"), [attrs.steps, -1]));
    const { pre, spike } = trace(x, attrs);
    const dx: Tensor[] = [];
    let carried: Tensor | undefined;
    for (let t = attrs.steps - 1; t >= 0; t--) {
      const g = dys[t]!;
      const vPre = pre[t]!;
      const dPost = attrs.output === "potential" && attrs.potential === "post" ? (carried ? tf.add(g, carried) : g) : carried;
      let dSpike: Tensor | undefined = attrs.output === "spikes" ? g : undefined;
      if (!attrs.detachReset && dPost) {
        const throughReset = tf.mul(dPost, vPre);
        dSpike = dSpike ? tf.sub(dSpike, throughReset) : tf.neg(throughReset);
      }
      const terms: Tensor[] = [];
      if (dPost) terms.push(tf.mul(dPost, tf.sub(1, spike[t]!)));
      if (dSpike) {
        terms.push(tf.mul(dSpike, surrogateGradient(attrs.surrogate, attrs.alpha, tf.sub(vPre, attrs.threshold))));
      }
      if (attrs.output === "potential" && attrs.potential === "pre") terms.push(g);
      const dPre = terms.reduce((sum, term) => tf.add(sum, term));
      dx[t] = tf.mul(dPre, attrs.gain);
      carried = tf.mul(dPre, attrs.keep);
    }
    return tf.reshape(tf.stack(dx), x.shape);
  },
});

/**
 * Leaky integrate-and-fire over a folded sequence `[T·N, …]`, T slowest, starting at rest, with exact gradients
 * through time for both outputs. `potential` is computed when it is first read, so read it inside the same tidy (and
 * tape) and only where it is needed.
 */
export function lif(x: Tensor, steps: number, spec: LifSpec): LifOutput {
  const rows = x.shape[0] ?? 0;
  if (!Number.isInteger(steps) || steps < 1 || rows % steps !== 0) {
    throw new AppError("bad-argument", `A sequence of ${rows} rows cannot be cut into ${steps} time steps`, {
      hint: "The first dimension must be time steps × batch size.",
    });
  }
  const attrs = { ...spec, steps };
  let potential: Tensor | undefined;
  return {
    spikes: run(lifKernel, { x }, { ...attrs, output: "spikes" }),
    get potential() {
      potential ??= run(lifKernel, { x }, { ...attrs, output: "potential" });
      return potential;
    },
  };
}
