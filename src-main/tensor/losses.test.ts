import type { Tensor2D } from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { ckaPerStep, linearCka } from "./cka.ts";
import { knowledgeTransferLoss, meanLogitLoss, meanLogits, stepLosses, tetLoss } from "./losses.ts";
import { onEachBackend } from "./testing/each-backend.ts";
import { expectClose, flat, foldNtd, vectors } from "./testing/vectors.ts";
import { tf } from "./tf.ts";

const rows = (values: readonly (readonly number[])[]): Tensor2D => tf.tensor2d(values.map((row) => [...row]));
const folded = (values: readonly (readonly (readonly number[])[])[]): Tensor2D => rows(values.flat());
const int = (values: readonly number[]) => tf.tensor1d([...values], "int32");

onEachBackend(() => {
  describe("linear CKA", () => {
    const v = vectors.linear_cka;

    it("has the reference's value, and its gradient", async () => {
      const x = rows(v.X);
      const y = rows(v.Y);
      expectClose(await linearCka(x, y).data(), [v.cka]);
      const { grad } = tf.valueAndGrad((a) => tf.sub(1, linearCka(a as Tensor2D, y)))(x);
      expectClose(await grad.data(), flat(v.d_loss_d_X), 5e-6, 5e-5);
    });

    it("is 1 for itself, and blind to shift, scale and rotation", async () => {
      const x = rows(v.X);
      expectClose(await linearCka(x, x).data(), [v.cka_self]);
      const angle = 0.7;
      const rotation = rows([
        [Math.cos(angle), -Math.sin(angle), 0],
        [Math.sin(angle), Math.cos(angle), 0],
        [0, 0, 1],
      ]);
      const moved = tf
        .matMul(x, rotation)
        .mul(3)
        .add<Tensor2D>(tf.tensor2d([[5, -1, 2]]));
      expectClose(await linearCka(x, moved).data(), [1], 1e-5);
    });

    it("is 0 with a finite gradient when a side is silent", async () => {
      const x = rows(v.X);
      const zero = rows(v.zero_features.Y);
      expectClose(await linearCka(x, zero).data(), [0]);
      const gradient = tf.grad((y) => linearCka(x, y as Tensor2D))(zero);
      for (const value of await gradient.data()) expect(value).toBeCloseTo(0, 9);
    });

    it("takes the steps of a folded sequence one by one", async () => {
      const { S, E, cka_per_step } = vectors.tcka;
      const s = rows(foldNtd(S));
      const e = rows(foldNtd(E));
      expectClose(await ckaPerStep(s, e, cka_per_step.length).data(), cka_per_step);
    });
  });

  describe("TET loss", () => {
    const v = vectors.tet;

    it("has the reference's parts and values for each λ and target", async () => {
      const logits = folded(v.logits_TNC);
      const labels = int(v.labels);
      const { crossEntropy, squared } = stepLosses(logits, labels, 2, 0.5);
      expectClose(await crossEntropy.data(), v.ce_per_step);
      expectClose(await squared.data(), v["mse_per_step_mean0.5"]);
      const of = async (lambda: number, target: number) =>
        (await tetLoss(logits, labels, 2, { lambda, target }).data())[0] ?? NaN;
      expectClose(
        [await of(1e-3, 0.5), await of(1e-3, 1), await of(0.05, 1)],
        [v["loss_lambda0.001_mean0.5"], v["loss_lambda0.001_mean1.0"], v["loss_lambda0.05_mean1.0"]],
      );
      const weighted = tetLoss(logits, labels, 2, { lambda: 1e-3, target: 0.5 }, tf.tensor1d(v.weights));
      expectClose(await weighted.data(), [v["loss_weighted_lambda0.001_mean0.5"]]);
      expectClose(await meanLogitLoss(logits, labels, 2).data(), [v.ce_of_time_mean_logits]);
    });
  });

  describe("gradients of the read-out", () => {
    const rowsOf = (values: readonly number[]): Tensor2D => tf.tensor2d([...values], [values.length / classes, classes]);
    // More samples than a GPU's workgroup has threads, and shares of classes that do not add up to one.
    const [steps, samples, classes, lambda, target] = [3, 70, 4, 0.3, 0.4];
    const wave = (count: number, pace: number): number[] =>
      Array.from({ length: count }, (_, i) => 2 * Math.sin(pace * i + i * i));
    const logits = wave(steps * samples * classes, 0.7);
    const shares = wave(samples * classes, 0.3).map((value) => value * value);
    const weights = [0.2, 1.5, 0.8];
    const at = (t: number, n: number, c: number): number => logits[(t * samples + n) * classes + c]!;
    const eachClass = Array.from({ length: classes }, (_, c) => c);

    /** What one row of logits adds to cross-entropy and mean square, and their derivatives, written out. */
    function row(values: readonly number[], n: number) {
      const sum = values.reduce((total, z) => total + Math.exp(z), 0);
      const truth = shares.slice(n * classes, (n + 1) * classes);
      const whole = truth.reduce((a, b) => a + b);
      return {
        entropy: truth.reduce((total, y, c) => total + y * (Math.log(sum) - values[c]!), 0) / samples,
        squares: values.reduce((total, z) => total + (z - target) ** 2, 0) / (samples * classes),
        dEntropy: values.map((z, c) => ((Math.exp(z) / sum) * whole - truth[c]!) / samples),
        dSquares: values.map((z) => (2 * (z - target)) / (samples * classes)),
      };
    }

    it("agree with the formulas, to logits and weights of steps", async () => {
      const found = tf.grads((z, w) => tetLoss(z as Tensor2D, rowsOf(shares), steps, { lambda, target }, w))([
        rowsOf(logits),
        tf.tensor1d(weights),
      ]);
      const toLogits: number[] = [];
      const toWeights = weights.map((weight, t) => {
        let total = 0;
        for (let n = 0; n < samples; n += 1) {
          const { entropy, squares, dEntropy, dSquares } = row(
            eachClass.map((c) => at(t, n, c)),
            n,
          );
          total += (1 - lambda) * entropy + lambda * squares;
          toLogits.push(...eachClass.map((c) => (weight / steps) * ((1 - lambda) * dEntropy[c]! + lambda * dSquares[c]!)));
        }
        return total / steps;
      });
      expectClose(await found[0]!.data(), toLogits);
      expectClose(await found[1]!.data(), toWeights);
    });

    it("agree with the formulas where the mean over time is judged", async () => {
      const { value, grad } = tf.valueAndGrad((z) => meanLogitLoss(z as Tensor2D, rowsOf(shares), steps))(rowsOf(logits));
      const samplewise = Array.from({ length: samples }, (_, n) =>
        row(
          eachClass.map((c) => weights.reduce((sum, _weight, t) => sum + at(t, n, c), 0) / steps),
          n,
        ),
      );
      expectClose(await value.data(), [samplewise.reduce((sum, { entropy }) => sum + entropy, 0)]);
      const once = samplewise.flatMap(({ dEntropy }) => dEntropy.map((d) => d / steps));
      expectClose(await grad.data(), Array.from({ length: steps }, () => once).flat());
    });
  });

  describe("knowledge-transfer loss", () => {
    const v = vectors.he_total_loss;
    const steps = v.eta.length;
    const constants = { kappa: v.domain_coefficient, lambda: v.lambda_tet, target: v.mse_target, staticWeight: 1 };
    const streams = () => ({
      staticLogits: folded(v.logits_static_TNC),
      eventLogits: folded(v.logits_event_TNC),
      staticFeatures: rows(foldNtd(v.features_static_NTD)),
      eventFeatures: rows(foldNtd(v.features_event_NTD)),
    });

    it("has the reference's parts and total with learned coefficients", async () => {
      const eta = tf.tensor1d(v.eta);
      const parts = knowledgeTransferLoss(streams(), int(v.labels), steps, { kind: "learned", eta }, constants);
      const found = await Promise.all([parts.domain, parts.stat, parts.event, parts.total].map((part) => part.data()));
      expectClose(
        found.map(([value]) => value ?? NaN),
        [v.domain_loss, v.loss_static, v.loss_event, v.total],
      );
    });

    it("has the reference's gradients to coefficients and event logits", async () => {
      const given = streams();
      const [toEta, toLogits] = tf.grads(
        (eta, logits) =>
          knowledgeTransferLoss(
            { ...given, eventLogits: logits as Tensor2D },
            int(v.labels),
            steps,
            { kind: "learned", eta },
            constants,
          ).total,
      )([tf.tensor1d(v.eta), given.eventLogits]);
      expectClose((await toEta?.data()) ?? [], v.d_total_d_eta);
      expectClose((await toLogits?.data()) ?? [], flat(v.d_total_d_logits_event));
    });

    it("leaves the coefficients out when they are off, and when κ is 0", async () => {
      const w = v.without_coefficients;
      const off = knowledgeTransferLoss(streams(), int(v.labels), steps, { kind: "off" }, constants);
      const found = await Promise.all([off.domain, off.event, off.total].map((part) => part.data()));
      expectClose(
        found.map(([value]) => value ?? NaN),
        [w.domain_loss, w.loss_event, w.total],
      );
      const eta = tf.tensor1d(v.eta);
      const none = { ...constants, kappa: 0, staticWeight: 0 };
      const free = knowledgeTransferLoss(streams(), int(v.labels), steps, { kind: "learned", eta }, none);
      expectClose(await free.total.data(), [w.loss_event]);
    });

    it("applies a fixed coefficient to both parts, or to the regulariser not, as the reference", async () => {
      const eta = tf.tensor1d(v.eta);
      const of = async (regularizer: boolean) => {
        const fixed = { kind: "fixed", value: 0.25, ...(regularizer && { regularizer: eta }) } as const;
        const { event } = knowledgeTransferLoss(streams(), int(v.labels), steps, fixed, constants);
        return (await event.data())[0] ?? NaN;
      };
      const { crossEntropy, squared } = stepLosses(streams().eventLogits, int(v.labels), steps, v.mse_target);
      const [ce, mse] = await Promise.all([crossEntropy.data(), squared.data()]);
      const mean = (weights: readonly number[]) =>
        weights.reduce((sum, w, t) => sum + 0.75 * (1 - v.lambda_tet) * (ce[t] ?? 0) + w * v.lambda_tet * (mse[t] ?? 0), 0) /
        steps;
      expectClose([await of(false), await of(true)], [mean([0.75, 0.75, 0.75]), mean(v.sigmoid_eta.map((w) => 1 - w))]);
    });
  });

  it("reads decisions from the mean over time", async () => {
    const v = vectors.accuracy_readout;
    const mean = meanLogits(folded(v.logits_TNC), v.logits_TNC.length);
    expectClose(await mean.data(), flat(v.mean_logits));
    expect([...(await tf.argMax(mean, 1).data())]).toEqual(v.prediction);
  });
});
