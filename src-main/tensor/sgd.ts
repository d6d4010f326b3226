import type { Tensor, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { Optimizer } from "./optimizer.ts";
import { tf } from "./tf.ts";

/**
 * Stochastic gradient descent with momentum: b ← µ·b + g, p ← p − lr·b, b = 0 at first (Sutskever et al., "On the importance of
 * initialization and momentum in deep learning", ICML 2013, in the form of common libraries, whose rate is outside the average).
 */
export class Sgd implements Optimizer {
  step = 0;
  readonly slots: Readonly<Record<string, Variable>>;
  readonly #variables: Readonly<Record<string, Variable>>;
  readonly #momentum: number;

  constructor(variables: Readonly<Record<string, Variable>>, momentum: number) {
    this.#variables = variables;
    this.#momentum = momentum;
    const slots: Record<string, Variable> = {};
    tf.tidy(() => {
      for (const [name, { shape }] of Object.entries(variables)) slots[`b/${name}`] = tf.variable(tf.zeros(shape), false);
    });
    this.slots = slots;
  }

  apply(gradients: Readonly<Record<string, Tensor>>, learningRate: number): void {
    this.step += 1;
    for (const [name, gradient] of Object.entries(gradients)) {
      const variable = this.#variables[name];
      const b = this.slots[`b/${name}`];
      if (variable === undefined || b === undefined) {
        throw new AppError("bad-argument", `The optimizer does not know a variable called "${name}"`, {
          hint: `Known: ${Object.keys(this.#variables).join(", ")}.`,
        });
      }
      tf.tidy(() => {
        b.assign(tf.add(tf.mul(b, this.#momentum), gradient));
        variable.assign(tf.sub(variable, tf.mul(b, learningRate)));
      });
    }
  }

  dispose(): void {
    tf.dispose(this.slots);
  }
}

/**
 * Weight decay as a part of the gradient, g + λ·p: what Adam and SGD mean by it where it is not decoupled.
 * @param decays by the name of a variable.
 */
export function withL2(
  inner: Optimizer,
  variables: Readonly<Record<string, Variable>>,
  lambda: number,
  decays: (name: string) => boolean,
): Optimizer {
  if (lambda === 0) return inner;
  return {
    get step() {
      return inner.step;
    },
    set step(value) {
      inner.step = value;
    },
    slots: inner.slots,
    apply: (gradients, learningRate) =>
      tf.tidy(() => {
        const decayed = Object.entries(gradients).map(([name, gradient]) => {
          const variable = decays(name) ? variables[name] : undefined;
          return [name, variable === undefined ? gradient : tf.add(gradient, tf.mul(variable, lambda))] as const;
        });
        inner.apply(Object.fromEntries(decayed), learningRate);
      }),
    dispose: () => inner.dispose(),
  };
}
