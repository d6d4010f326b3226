import type { Tensor2D } from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { alignmentLoss } from "./alignment.ts";
import { centeredGram, linearCka } from "./cka.ts";
import { semanticLoss, stepLosses } from "./losses.ts";
import { guidanceLoss, ratioLoss } from "./modality.ts";
import { createRandom } from "./random.ts";
import { onEachBackend } from "./testing/each-backend.ts";
import { expectClose, flat, foldNtd, vectors } from "./testing/vectors.ts";
import { tf } from "./tf.ts";

const rows = (values: readonly (readonly number[])[]): Tensor2D => tf.tensor2d(values.map((row) => [...row]));

onEachBackend((_, software) => {
  describe("linear CKA", () => {
    const v = vectors.linear_cka;

    it("has the reference's Gram matrices, and its debiased value", async () => {
      expectClose(await centeredGram(rows(v.X)).data(), flat(v.centred_gram_X));
      expectClose(await centeredGram(rows(v.Y)).data(), flat(v.centred_gram_Y));
      expectClose(await linearCka(rows(v.X), rows(v.Y), "debiased").data(), [v.cka_debiased]);
    });

    it("is far from zero for independent features of few rows, unless it is debiased", async () => {
      const { next } = createRandom(1, "gaussians");
      const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      for (const { features, mean_cka_of_independent_gaussians_batch8: wanted } of v.bias_demo) {
        const rounds = software ? 12 : 60;
        let [biased, debiased] = [0, 0];
        for (let round = 0; round < rounds; round += 1) {
          const draw = (): Tensor2D => tf.tensor2d(Float32Array.from({ length: 8 * features }, gaussian), [8, features]);
          const [x, y] = [draw(), draw()];
          biased += (await linearCka(x, y).data())[0]! / rounds;
          debiased += (await linearCka(x, y, "debiased").data())[0]! / rounds;
        }
        expect(Math.abs(biased - wanted)).toBeLessThan(0.06);
        expect(Math.abs(debiased)).toBeLessThan(0.15);
      }
    });
  });

  describe("alignment of two streams", () => {
    const { S, E, cka_per_step, loss, loss_time_summed, loss_time_flattened, mmd_of_time_means, d_loss_d_S } = vectors.tcka;
    const steps = cka_per_step.length;
    const [s, e] = [foldNtd(S), foldNtd(E)];

    it("has the reference's distances", async () => {
      const of = async (kind: Parameters<typeof alignmentLoss>[0]): Promise<number> =>
        (await alignmentLoss(kind, rows(s), rows(e), steps).data())[0] ?? NaN;
      expectClose(
        [await of("tcka"), await of("cka-of-sums"), await of("cka-flattened"), await of("mmd")],
        [loss, loss_time_summed, loss_time_flattened, mmd_of_time_means],
      );
      const squares = flat(s).map((value, i) => (value - flat(e)[i]!) ** 2);
      expectClose([await of("step-mse")], [squares.reduce((a, b) => a + b) / squares.length]);
      const means = (values: typeof S): number[] =>
        values.flatMap((row) => row[0]!.map((_, d) => row.reduce((sum, step) => sum + step[d]!, 0) / steps));
      const apart = means(S).map((value, i) => (value - means(E)[i]!) ** 2);
      expectClose([await of("mean-mse")], [apart.reduce((a, b) => a + b) / apart.length]);
    });

    it("has the reference's gradient", async () => {
      const { grad } = tf.valueAndGrad((x) => alignmentLoss("tcka", x, rows(e), steps))(rows(s));
      expectClose(await grad.data(), flat(foldNtd(d_loss_d_S)), 5e-6, 5e-5);
    });

    it("does not mind features with more axes", async () => {
      const wide = (values: number[][]) => tf.tensor4d(values.flat(), [values.length, 1, 2, 1]);
      expectClose(await alignmentLoss("cka-of-sums", wide(s), wide(e), steps).data(), [loss_time_summed]);
    });
  });

  it("pushes other classes apart beyond a margin, as the first version did", async () => {
    const v = vectors.he_v1_semantic;
    const given = vectors.he_total_loss;
    const [s, e] = [rows(foldNtd(given.features_static_NTD)), rows(foldNtd(given.features_event_NTD))];
    const others = tf.tensor1d(v.permutation_of_static_rows, "int32");
    const of = async (margin: number): Promise<number> => (await semanticLoss(e, s, others, 3, margin).data())[0] ?? NaN;
    expectClose([await of(0), await of(0.2), await of(0.5)], [v.raw, v["margin_0.2"], 0]);
    expectClose([0.5 * (1 - 0.125) * (await of(0.2))], [v["term_coefficient0.5_P0.125"]]);
  });

  describe("objectives of time-step mixup", () => {
    const { mag, mrp } = vectors.modality_losses;

    it("have the reference's guidance and its gradient", async () => {
      const { value, grad } = tf.valueAndGrad((z) => guidanceLoss(z, tf.tensor1d(mag.labels)))(tf.tensor1d(mag.logits));
      expectClose(await value.data(), [mag.loss]);
      expectClose(await grad.data(), mag.d_logits);
      expectClose(await guidanceLoss(tf.tensor1d([200, -200]), tf.tensor1d([0, 1])).data(), [200]);
    });

    it("have the reference's ratio and its gradient", async () => {
      const { value, grad } = tf.valueAndGrad((z) => ratioLoss(z, tf.tensor1d([mrp.target])))(tf.tensor1d([mrp.logit]));
      expectClose(await value.data(), [mrp.mse]);
      expectClose(await grad.data(), [mrp.d_logit]);
    });
  });

  it("takes shares of classes for labels", async () => {
    const { logits, label, soft_ce } = vectors.mixed_labels.mixup;
    const { crossEntropy } = stepLosses(rows(logits), rows([label]), 1, 0.5);
    expectClose(await crossEntropy.data(), [soft_ce]);
  });
});
