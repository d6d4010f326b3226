import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdamW } from "./adam-w.ts";
import { tensorCount } from "./memory.ts";
import { Sgd, withL2 } from "./sgd.ts";
import { tf } from "./tf.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});
afterAll(() => {
  expect(tensorCount()).toBe(0);
});

/** Follows p, given the gradients of its steps. */
function walk(momentum: number, lambda: number, rate: number, gradients: readonly number[], decays = true): number[] {
  const p = tf.tidy(() => tf.variable(tf.tensor1d([2])));
  const optimizer = withL2(new Sgd({ p }, momentum), { p }, lambda, () => decays);
  const path = gradients.map((gradient) => {
    const g = tf.tensor1d([gradient]);
    optimizer.apply({ p: g }, rate);
    g.dispose(); // stays ours
    return p.dataSync()[0]!;
  });
  expect(optimizer.step).toBe(gradients.length);
  optimizer.dispose();
  p.dispose();
  return path;
}
const expectPath = (found: readonly number[], wanted: readonly number[]): void => {
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 6);
};

describe("gradient descent", () => {
  it("takes the gradient without momentum, and adds up earlier ones with it", () => {
    expectPath(walk(0, 0, 0.1, [1, 1, -2]), [1.9, 1.8, 2.0]);
    // b = 1, 1.5, -1.25
    expectPath(walk(0.5, 0, 0.1, [1, 1, -2]), [1.9, 1.75, 1.875]);
  });

  it("decays by the gradient, and only what is to decay", () => {
    // g = 1 + 0.5·2, then 0 + 0.5·1.8
    expectPath(walk(0, 0.5, 0.1, [1, 0]), [1.8, 1.71]);
    expectPath(walk(0, 0.5, 0.1, [1, 0], false), [1.9, 1.9]);
  });

  it("goes on from its slots", () => {
    const whole = walk(0.9, 0, 0.1, [1, 2]);
    const p = tf.tidy(() => tf.variable(tf.tensor1d([whole[0]!])));
    const optimizer = new Sgd({ p }, 0.9);
    tf.tidy(() => optimizer.slots["b/p"]!.assign(tf.tensor1d([1])));
    tf.tidy(() => optimizer.apply({ p: tf.tensor1d([2]) }, 0.1));
    expect(p.dataSync()[0]).toBe(whole[1]);
    expect(() => optimizer.apply({ q: p }, 0.1)).toThrow(/"q"/);
    optimizer.dispose();
    p.dispose();
  });

  it("is no decoupled decay for Adam: the first step is the rate, whatever the decay", () => {
    const p = tf.tidy(() => tf.variable(tf.tensor2d([[2]])));
    const adam = withL2(new AdamW({ p }, { weightDecay: 0 }), { p }, 0.5, () => true);
    tf.tidy(() => adam.apply({ p: tf.tensor2d([[-0.2]]) }, 0.1)); // -0.2 + 0.5·2 turns the step round
    expect(p.dataSync()[0]).toBeCloseTo(1.9, 5);
    adam.step = 7;
    expect(adam.step).toBe(7);
    adam.dispose();
    p.dispose();
  });
});
