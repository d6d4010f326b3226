import { beforeAll, describe, expect, it } from "vitest";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { benchNetworks, type MemoryAfter } from "#shared/api/compute-api.ts";
import { AdamW } from "#main/tensor/adam-w.ts";
import { batchNorm } from "#main/tensor/batch-norm.ts";
import { avgPool2, conv2d, linear } from "#main/tensor/layers.ts";
import { lif } from "#main/tensor/lif.ts";
import { tensorCount } from "#main/tensor/memory.ts";
import type { BatchNormState, LifSpec, SurrogateKind } from "#main/tensor/ops.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import { tf } from "#main/tensor/tf.ts";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import type { Backend } from "../backend.ts";
import { benchTrain } from "../bench-train.ts";
import { expectClose, expectExact, type Nested } from "./close.ts";
import { oneStep, randomNetworks } from "./random-network.ts";

const lifA: LifSpec = {
  keep: 0.5,
  gain: 0.5,
  threshold: 0.5,
  detachReset: true,
  potential: "post",
  surrogate: "quadratic-gate",
  alpha: 2,
};
const lifB: LifSpec = {
  keep: 0.5,
  gain: 1,
  threshold: 1,
  detachReset: false,
  potential: "pre",
  surrogate: "triangle",
  alpha: 1,
};

const column = (values: readonly number[]): Tensor => tf.tensor2d([...values], [values.length, 1]);

/** A tensor of the vectors' nested numbers. */
const tensor = (values: Nested, shape: number[]): Tensor => tf.tensor([values].flat(9), shape);

function normState(): BatchNormState {
  return {
    gamma: tf.variable(tf.ones([1])),
    beta: tf.variable(tf.zeros([1])),
    mean: tf.variable(tf.zeros([1]), false),
    variance: tf.variable(tf.ones([1]), false),
  };
}

function surrogateTests(): void {
  const kinds: readonly (readonly [SurrogateKind, number, readonly number[]])[] = [
    ["quadratic-gate", 2, vectors.surrogate.qgate_alpha2],
    ["unit-box", 1, vectors.surrogate.backei_gate],
    ["triangle", 1, vectors.surrogate.triangle_gamma1],
    ["gate", 2, vectors.surrogate.gate_alpha2],
    ["arctan", 2, vectors.surrogate.atan_alpha2],
    ["sigmoid", 1, vectors.surrogate.sigmoid_alpha1],
  ];
  it.each(kinds)("surrogate %s", async (kind, alpha, expected) => {
    const u = tf.tensor1d(vectors.surrogate.u);
    await expectClose(surrogateGradient(kind, alpha, u), expected);
    // One step of the neuron with θ = 2 and v_pre = x: dL/dx is the surrogate itself. θ keeps u exact.
    const spec = { ...lifA, gain: 1, threshold: 2, surrogate: kind, alpha };
    const spikes = (x: Tensor): Tensor => lif(x, 1, spec).spikes;
    const x = tf.reshape(tf.add(u, 2), [1, -1]);
    await expectExact(spikes(x), vectors.surrogate.spike);
    await expectClose(tf.grad(spikes)(x), expected, `neuron with ${kind}`);
  });
}

function neuronTests(): void {
  it.each([
    ["A", lifA, vectors.lif_he],
    ["B", lifB, vectors.lif_r2etl],
  ] as const)("neuron %s forward", async (_, spec, { input, spike, v_pre_reset, v_post_reset }) => {
    const x = tf.tensor2d(input);
    await expectExact(lif(x, 5, spec).spikes, spike);
    await expectClose(lif(x, 5, { ...spec, potential: "pre" }).potential, v_pre_reset);
    await expectClose(lif(x, 5, { ...spec, potential: "post" }).potential, v_post_reset);
  });

  const { upstream_spike, upstream_potential, he, r2etl } = vectors.lif_gradients;
  it.each([
    ["A", lifA, he.input, he.loss, he.d_input],
    ["B", lifB, r2etl.input, r2etl.loss, r2etl.d_input],
    ["B with a detached reset", { ...lifB, detachReset: true }, r2etl.input, r2etl.loss, r2etl.d_input_if_reset_were_detached],
  ] as const)("neuron %s backward", async (_, spec, input, loss, gradient) => {
    const f = (x: Tensor): Scalar => {
      const { spikes, potential } = lif(x, 5, spec);
      const weighted = tf.add(tf.mul(spikes, column(upstream_spike)), tf.mul(potential, column(upstream_potential)));
      return tf.sum(weighted);
    };
    // 11 copies: whole vectors of neurons and a rest.
    const x = tf.tile(column(input), [1, 11]);
    const { value, grad } = tf.valueAndGrad(f)(x);
    await expectClose(tf.div(value, 11), loss);
    await expectClose(
      grad,
      gradient.map((g) => Array<number>(11).fill(g)),
    );
  });

  it("small network of neuron A", async () => {
    const { x, W1_in_by_out, W2_in_by_out, b2, y, loss, mean_logits, d_W1, d_W2, d_b2 } = vectors.small_network_he;
    const label = tf.oneHot(tf.tensor1d([y], "int32"), 2);
    const logitsOf = (w1: Tensor, w2: Tensor, b: Tensor): Tensor => {
      const spikes = lif(linear(tf.tensor2d(x), w1, tf.zeros([2])), 4, lifA).spikes;
      return tf.mean(linear(spikes, w2, b), 0, true);
    };
    const f = (w1: Tensor, w2: Tensor, b: Tensor): Tensor => tf.losses.softmaxCrossEntropy(label, logitsOf(w1, w2, b));
    const parameters = [tf.tensor2d(W1_in_by_out), tf.tensor2d(W2_in_by_out), tf.tensor1d(b2)] as const;
    await expectClose(logitsOf(...parameters), mean_logits);
    const { value, grads } = tf.valueAndGrads(f)([...parameters]);
    await expectClose(value, loss);
    await expectClose(grads[0]!, d_W1, "d W1");
    await expectClose(grads[1]!, d_W2, "d W2");
    await expectClose(grads[2]!, d_b2, "d b2");
  });
}

function layerTests(): void {
  it("batch norm per step, running averages in order", async () => {
    const { inputs, updates } = vectors.batch_norm;
    const state = normState();
    for (const [i, update] of updates.entries()) {
      const x = tensor(inputs[i]!, [4, 1]);
      const y = batchNorm(x, 1, state, { training: true, momentum: 0.1, epsilon: 1e-5, perStep: true });
      await expectClose(tf.slice(y, [0, 0], [1, 1]), update.normalised_first);
      await expectClose(state.mean, update.running_mean);
      await expectClose(state.variance, update.running_var);
    }
    // The same four steps as two folded passes of two.
    const folded = normState();
    for (const half of [inputs.slice(0, 2), inputs.slice(2)]) {
      batchNorm(tensor(half, [4, 2, 1]), 2, folded, { training: true, momentum: 0.1, epsilon: 1e-5, perStep: true });
    }
    await expectClose(folded.mean, updates[3]!.running_mean);
    await expectClose(folded.variance, updates[3]!.running_var);
    const x = tf.tensor2d([[1], [5]]);
    const expected = [1, 5].map((v) => (v - updates[3]!.running_mean) / Math.sqrt(updates[3]!.running_var + 1e-5));
    await expectClose(batchNorm(x, 1, folded, { training: false, momentum: 0.1, epsilon: 1e-5, perStep: true }), expected);
  });

  it("batch norm over time and batch, scaled by the threshold", async () => {
    const { input_T_N_pix, output, alpha, v_th, eps } = vectors.td_bn;
    const options = { training: true, momentum: 0.1, epsilon: eps, perStep: false, scale: alpha * v_th };
    await expectClose(batchNorm(tensor(input_T_N_pix, [4, 2, 1]), 2, normState(), options), output);
  });

  it("batch norm keeps its digits far from zero", async () => {
    const values = Array.from({ length: 4000 }, (_, i) => 1000 + (i % 7) / 8);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    const state = normState();
    batchNorm(tensor(values, [1000, 4, 1]), 1, state, { training: true, momentum: 1, epsilon: 1e-5, perStep: false });
    const [running = NaN] = await state.variance.data<"float32">();
    expect(Math.abs(running - (variance * 4000) / 3999)).toBeLessThan(1e-3 * variance);
  });

  it("convolution with symmetric padding", async () => {
    const { input, kernel, stride, pad1_reference } = vectors.conv_padding;
    const y = conv2d(tensor(input, [1, 4, 4, 1]), tensor(kernel, [3, 3, 1, 1]), stride, 1);
    await expectClose(y, pad1_reference);
  });

  it("average pooling drops odd rows and columns", async () => {
    const { input_rows, output } = vectors.avg_pool;
    const x = tensor(input_rows, [1, 5, 5, 1]);
    await expectClose(avgPool2(x), output);
    const gradient = Array.from({ length: 5 }, (_, y) => Array.from({ length: 5 }, (_, c) => (y < 4 && c < 4 ? 0.25 : 0)));
    await expectClose(tf.grad(avgPool2)(x), gradient);
  });

  it("bilinear resize, both conventions", async () => {
    const { input, output_size, align_corners_true, half_pixel_centres } = vectors.bilinear;
    const x = tensor(input, [1, 2, 3, 1]) as ReturnType<typeof tf.tensor4d>;
    const size = output_size as [number, number];
    await expectClose(tf.image.resizeBilinear(x, size, true), align_corners_true);
    await expectClose(tf.image.resizeBilinear(x, size, false, true), half_pixel_centres);
  });
}

function optimizerTests(): void {
  it("AdamW decays matrices only", async () => {
    const { lr, weight0, bias0, grad_weight, grad_bias, after } = vectors.adamw;
    const weight = tf.variable(tf.tensor2d(weight0));
    const bias = tf.variable(tf.tensor1d(bias0));
    const optimizer = new AdamW({ weight, bias });
    for (const [i, expected] of after.entries()) {
      optimizer.apply({ weight: tf.tensor2d(grad_weight[i]!), bias: tf.tensor1d(grad_bias[i]!) }, lr);
      await expectClose(weight, expected.weight, `weight ${i}`);
      await expectClose(bias, expected.bias, `bias ${i}`);
    }
  });

  it("AdamW goes on where a checkpoint ended, and leaves clones alone", async () => {
    const gradient = tf.tensor2d([
      [0.3, -0.7, 0.2],
      [0.1, 0.9, -0.4],
    ]);
    const start = tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const straight = tf.variable(start);
    const first = new AdamW({ w: straight });
    for (let i = 0; i < 3; i++) first.apply({ w: gradient }, 0.01);
    const snapshot = straight.clone();
    const resumedWeight = tf.variable(straight.clone());
    const second = new AdamW({ w: resumedWeight });
    second.step = first.step;
    for (const [name, slot] of Object.entries(first.slots)) second.slots[name]!.assign(slot.clone());
    const before = await snapshot.data<"float32">();
    for (const optimizer of [first, second]) optimizer.apply({ w: gradient }, 0.01);
    await expectExact(resumedWeight, Array.from(await straight.data<"float32">()));
    await expectExact(snapshot, Array.from(before));
    await expectExact(start, [1, 2, 3, 4, 5, 6]);
    expect(Array.from(await straight.data<"float32">())).not.toEqual(Array.from(before));
  });

  it("an updated weight counts at once in convolutions and products", async () => {
    const filter = tf.variable(tf.ones([1, 1, 4, 8]));
    const matrix = tf.variable(tf.ones([4, 8]));
    const x = tf.ones([1, 2, 2, 4]);
    const sums = async (): Promise<number[]> => {
      const y = tf.sum(conv2d(x, filter, 1, 0));
      const z = tf.sum(linear(tf.reshape(x, [4, 4]), matrix, tf.zeros([8])));
      return [(await y.data<"float32">())[0]!, (await z.data<"float32">())[0]!];
    };
    expect(await sums()).toEqual([128, 128]);
    const optimizer = new AdamW({ filter, matrix }, { weightDecay: 0 });
    optimizer.apply({ filter: tf.onesLike(filter), matrix: tf.onesLike(matrix) }, 0.5);
    for (const sum of await sums()) expect(sum).toBeCloseTo(64, 2);
  });
}

/** Checks the training operations on one backend; the reference for gradients is the plain JavaScript one. */
export async function describeBackend(backend: Backend): Promise<void> {
  const probe = await backend.probe();
  const name = probe.ok ? `${backend.id} (${probe.device})` : `${backend.id} (skipped: ${probe.reason})`;
  describe.skipIf(!probe.ok)(name, () => {
    const reference = new Map<string, Record<string, Float32Array>>();
    beforeAll(async () => {
      await tf.setBackend("cpu");
      for (const network of randomNetworks) reference.set(network.name, await oneStep(network));
      await backend.start();
    }, 120_000);

    surrogateTests();
    neuronTests();
    layerTests();
    optimizerTests();

    const cases = randomNetworks.flatMap((network) => [
      { network, fused: false, name: network.name },
      { network, fused: true, name: `${network.name}, batch norm with neuron` },
    ]);
    it.each(cases)(
      "gradients of one step: $name",
      async ({ network, fused }) => {
        const actual = await oneStep(network, fused);
        for (const [key, expected] of Object.entries(reference.get(network.name)!)) {
          const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
          const values = actual[key]!;
          const worst = expected.reduce((a, b, i) => Math.max(a, Math.abs(b - (values[i] ?? NaN))), 0);
          expect(worst / largest, key).toBeLessThan(1e-5);
        }
      },
      120_000,
    );

    // A GPU played by the CPU takes a second for a step when the machine is busy.
    const many = probe.ok && probe.rank !== undefined ? 40 : 120;
    it(`memory after ${many} steps is that after 20`, async () => {
      const network = { ...benchNetworks.probe, steps: 2, batch: 2, size: 8, channels: [2, 5, 8] };
      const seen: MemoryAfter[] = [];
      const before = tensorCount();
      const { loss } = await benchTrain(backend.id, many - 3, network, (memory) => void seen.push(memory));
      expect(Number.isFinite(loss)).toBe(true);
      expect(seen.length).toBe(many);
      expect({ ...seen.at(-1), step: 20 }).toEqual(seen[19]);
      expect(tensorCount()).toBe(before);
    }, 180_000);

    it("a step leaves no tensors behind", async () => {
      const network = randomNetworks[0]!;
      await oneStep(network);
      const before = tensorCount();
      await oneStep(network);
      await oneStep(network, true);
      expect(tensorCount() - before).toBe(0);
    }, 120_000);
  });
}
