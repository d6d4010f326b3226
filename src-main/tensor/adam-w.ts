import type { Tensor, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { offeredInPlace, type AdamWUpdate } from "./in-place.ts";
import type { Optimizer } from "./optimizer.ts";
import { tf } from "./tf.ts";

/** The constants of AdamW. */
export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

function composed(
  { beta1, beta2, epsilon, rate, rootCorrection, decay }: AdamWUpdate,
  p: Variable,
  g: Tensor,
  m: Variable,
  v: Variable,
): void {
  tf.tidy(() => {
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
    const denominator = tf.add(tf.mul(tf.sqrt(v), rootCorrection), epsilon);
    p.assign(tf.sub(tf.mul(p, decay), tf.mul(tf.div(m, denominator), rate)));
  });
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019): the
 * weight is multiplied by (1 − lr·wd), then the bias-corrected Adam step is taken, ε outside the root. Variables with
 * fewer than two dimensions (biases, batch norm, alignment coefficients) do not decay.
 */
export class AdamW implements Optimizer {
  /** How many updates have been made; part of a checkpoint. */
  step = 0;
  /** First and second moments, named `m/<name>` and `v/<name>`; part of a checkpoint: assign to restore them. */
  readonly slots: Readonly<Record<string, Variable>>;
  readonly #variables: Readonly<Record<string, Variable>>;
  readonly #options: Required<AdamWOptions>;

  /** @param variables what is trained, by the names that `apply` uses. */
  constructor(variables: Readonly<Record<string, Variable>>, options: AdamWOptions = {}) {
    this.#variables = variables;
    this.#options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, ...options };
    const slots: Record<string, Variable> = {};
    tf.tidy(() => {
      for (const [name, { shape }] of Object.entries(variables)) {
        slots[`m/${name}`] = tf.variable(tf.zeros(shape), false);
        slots[`v/${name}`] = tf.variable(tf.zeros(shape), false);
      }
    });
    this.slots = slots;
  }

  /**
   * One update of every variable that has a gradient; the others keep value and moments. The tape of the gradients
   * must be over, because a fused update writes in place. The gradients stay the caller's.
   */
  apply(gradients: Readonly<Record<string, Tensor>>, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    this.step++;
    const rate = learningRate / (1 - Math.pow(beta1, this.step));
    const rootCorrection = 1 / Math.sqrt(1 - Math.pow(beta2, this.step));
    const update = offeredInPlace()?.adamW ?? composed;
    for (const [name, gradient] of Object.entries(gradients)) {
      const variable = this.#variables[name];
      const m = this.slots[`m/${name}`];
      const v = this.slots[`v/${name}`];
      if (variable === undefined || m === undefined || v === undefined) {
        throw new AppError("bad-argument", `The optimizer does not know a variable called "${name}"`, {
          hint: `Known: ${Object.keys(this.#variables).join(", ")}.`,
        });
      }
      const decay = variable.rank >= 2 ? 1 - learningRate * weightDecay : 1;
      update({ beta1, beta2, epsilon, rate, rootCorrection, decay }, variable, gradient, m, v);
    }
  }

  /** Frees the moments; the variables are their owner's. */
  dispose(): void {
    tf.dispose(this.slots);
  }
}
