import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { parseParams } from "#shared/units/params.ts";
import { onEachBackend } from "#main/tensor/testing/each-backend.ts";
import { expectClose, foldNtd, vectors } from "#main/tensor/testing/vectors.ts";
import { tf } from "#main/tensor/tf.ts";
import { replaceRows } from "../replace-rows.ts";
import { fakeNetwork, planOf, positionIn } from "../testing/fake-network.ts";
import type { HostBatch } from "../transfer.ts";
import { firstSwitch, mixTimeSteps, switchProbability } from "./switching.ts";
import { timeStepMixup } from "./time-step-mixup.ts";

const v = vectors.time_step_mixup;

/** Pictures of ones and recordings of tens, twenties, …, one value a frame. */
const batchOf = (steps: number, size: number): HostBatch => ({
  events: Float32Array.from({ length: steps * size }, (_, row) => 10 * (Math.floor(row / size) + 1)),
  pictures: new Float32Array(steps * size).fill(1),
  labels: new Int32Array(size),
  steps,
  size,
});

/** The given numbers one after the other. */
const given = (numbers: readonly number[]): (() => number) => {
  let at = 0;
  return () => numbers[at++] ?? NaN;
};

describe("switching", () => {
  it("happens with the reference's probability, for every length and ratio", () => {
    for (const { T, r_m, p, prob_never_switch } of v.solved_p) {
      expect(switchProbability(r_m, T)).toBeCloseTo(p, 10);
      expect((1 - switchProbability(r_m, T)) ** T).toBeCloseTo(prob_never_switch, 9);
    }
    expect([switchProbability(0, 10), switchProbability(1, 10)]).toEqual([0, 1]);
  });

  it("happens at the first draw below it, as in the reference's examples", () => {
    const { p, examples } = v["T10_r0.5"];
    for (const { u, t_star, mask_event, mix_ratio } of examples) {
      expect(firstSwitch(p, 10, given(u))).toBe(t_star === null ? 10 : t_star - 1);
      const batch = { ...batchOf(10, 1) };
      const marks = mixTimeSteps(batch, p, given(u));
      expect([...marks]).toEqual(mask_event);
      expect(marks.reduce((sum, mark) => sum + mark, 0) / 10).toBeCloseTo(mix_ratio, 6);
    }
  });

  it("follows the law: when, how often, and how much on average", () => {
    const { p, P_tstar, P_none, frame_event_probability, exact_ratio_std } = v["T10_r0.5"];
    const random = seeded(1);
    const n = 40_000;
    const first = new Array<number>(11).fill(0);
    for (let i = 0; i < n; i += 1) first[firstSwitch(p, 10, random)]! += 1;
    for (const [t, wanted] of [...P_tstar, P_none].entries()) {
      expect(Math.abs(first[t]! / n - wanted)).toBeLessThan(4 * Math.sqrt((wanted * (1 - wanted)) / n));
    }
    for (const [t, wanted] of frame_event_probability.entries()) {
      const shown = first.slice(0, t + 1).reduce((a, b) => a + b) / n;
      expect(Math.abs(shown - wanted)).toBeLessThan(4 * Math.sqrt((wanted * (1 - wanted)) / n));
    }
    const mean = first.reduce((sum, count, t) => sum + (count * (10 - t)) / 10, 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan((4 * exact_ratio_std) / Math.sqrt(n));
  });

  it("puts recordings in the place of pictures from there on, each frame at its own time", () => {
    const { T, static: still, event, t_star, mixed, frame_modality_labels, ratio_target } = v.apply_example;
    const batch = batchOf(T, 1);
    expect([[...batch.pictures!], [...batch.events!]]).toEqual([still, event]);
    const draws = Array.from({ length: T }, (_, t) => (t === t_star - 1 ? 0 : 0.9));
    const marks = mixTimeSteps(batch, 0.2, given(draws));
    expect([...batch.pictures!]).toEqual(mixed);
    expect([...marks]).toEqual(frame_modality_labels);
    expect(marks.reduce((a, b) => a + b) / T).toBe(ratio_target);
  });

  it("draws for every sequence on its own, the same number whatever the probability", () => {
    const random = seeded(2);
    const batch = batchOf(6, 50);
    const marks = mixTimeSteps(batch, 0.2, random);
    const ratios = Array.from({ length: 50 }, (_, n) => [0, 1, 2, 3, 4, 5].reduce((sum, t) => sum + marks[t * 50 + n]!, 0));
    expect(new Set(ratios).size).toBeGreaterThan(4);
    const after = (p: number): number => {
      const draw = seeded(3);
      mixTimeSteps(batchOf(5, 4), p, draw);
      return draw();
    };
    expect(after(0)).toBe(after(0.9));
  });

  it("shows recordings only with ratio 1, as sliding does with probability 1, and pictures only with ratio 0", () => {
    const [mixed, slid, still] = [batchOf(5, 7), batchOf(5, 7), batchOf(5, 7)];
    mixTimeSteps(mixed, switchProbability(1, 5), seeded(1));
    replaceRows(slid, 1, seeded(1));
    expect(mixed).toEqual(slid);
    expect(mixed.pictures).toEqual(mixed.events);
    const marks = mixTimeSteps(still, switchProbability(0, 5), seeded(1));
    expect(still).toEqual(batchOf(5, 7));
    expect(marks.every((mark) => mark === 0)).toBe(true);
  });

  it("lets the label follow where clips have been mixed", () => {
    const targets = { events: Float32Array.of(0.25, 0.75), pictures: Float32Array.of(1, 0) };
    mixTimeSteps({ ...batchOf(4, 1), targets }, 0.5, given([0.9, 0.1, 0.9, 0.9]));
    expect([...targets.pictures]).toEqual([1 - 0.75 * 0.75, 0.75 * 0.75]);
    expect([...targets.events]).toEqual([0.25, 0.75]);
  });
});

onEachBackend(() => {
  const he = vectors.he_total_loss;
  const rows = (values: readonly (readonly number[])[]) => tf.tensor2d(values.map((row) => [...row]));
  const spikes = () =>
    tf.tensor4d(
      Float32Array.from({ length: 12 * 2 * 2 * 2 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
      [12, 2, 2, 2],
    );
  const stream = (logits: typeof he.logits_event_TNC, features: typeof he.features_event_NTD) => () => ({
    logits: rows(logits.flat()),
    features: rows(foldNtd(features)),
    spikes: { other: tf.zeros([12, 5]), last: spikes() },
  });
  const network = () =>
    fakeNetwork(
      {
        static: stream(he.logits_static_TNC, he.features_static_NTD),
        event: stream(he.logits_event_TNC, he.features_event_NTD),
      },
      { other: [5], last: [2, 2, 2] },
    );
  const marks = [0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0];
  const batch = () => ({
    ...{ events: tf.zeros([1]), pictures: tf.ones([1]), marks: tf.tensor1d(marks) },
    ...{ labels: tf.tensor1d(he.labels, "int32"), size: 4 },
  });
  const classes = he.loss_static + he.without_coefficients.loss_event;
  const [aligned, undecided] = [he.without_coefficients.domain_loss, Math.log(2)];
  // Shares of event frames of the four sequences: 1/3, 0, 1, 0; the first guess is one half.
  const guess = [1 / 3, 0, 1, 0].reduce((sum, ratio) => sum + (ratio - 0.5) ** 2 / 4, 0);

  it.each<[string, number, string[]]>([
    [
      "all",
      classes + 0.5 * aligned + 0.1 * undecided + 0.1 * guess,
      ["guidance", "guidanceBias", "hidden", "hiddenBias", "ratio", "ratioBias"],
    ],
    ["mixup", classes + 0.5 * aligned, []],
    ["mixup-guidance", classes + 0.5 * aligned + 0.1 * undecided, ["guidance", "guidanceBias"]],
    ["mixup-ratio", classes + 0.5 * aligned + 0.1 * guess, ["hidden", "hiddenBias", "ratio", "ratioBias"]],
  ])("adds up the losses of the ablation %s, and has its variables", async (objectives, wanted, variables) => {
    const plan = planOf(timeStepMixup, { objectives }, network(), 3, 3);
    expect(Object.keys(plan.variables)).toEqual(variables);
    const host = { events: new Float32Array(12), pictures: new Float32Array(12), labels: new Int32Array(4), steps: 3, size: 4 };
    plan.prepare?.(host, positionIn(plan));
    const { loss } = plan.loss(batch(), positionIn(plan));
    expectClose(await loss.data(), [wanted]);
    const reported = await plan.report();
    expectClose([reported["mixRatio"] ?? NaN, reported["cka"] ?? NaN], [1 / 3, 1 - aligned]);
    expect(reported).toMatchObject({ wantedRatio: 0.5, switchProbability: switchProbability(0.5, 3) });
    expect(await plan.report()).toEqual({});
  });

  it("trains the auxiliary read-outs and, through them, what they look at", async () => {
    const plan = planOf(timeStepMixup, {}, network(), 3, 3);
    const { value, grads } = tf.variableGrads(() => plan.loss(batch(), positionIn(plan)).loss, Object.values(plan.variables));
    const moved = async (name: string) => (await grads[plan.variables[name]!.name]!.data()).some((number) => number !== 0);
    expect([await moved("guidance"), await moved("ratio"), await moved("ratioBias")]).toEqual([true, true, true]);
    expect(await moved("hidden")).toBe(false); // the layer behind it begins at zero
    tf.dispose([value, grads]);
    await plan.report();
  });
});

describe("weights and schedule", () => {
  it("are those of the reference's example", () => {
    const { lambdaAlignment, lambdaGuidance, lambdaRatio } = parseParams(timeStepMixup.params);
    const { L_mixed, L_event, L_da, L_mag, L_mrp, total } = vectors.modality_losses.total_example;
    expect(L_mixed + L_event + lambdaAlignment * L_da + lambdaGuidance * L_mag + lambdaRatio * L_mrp).toBeCloseTo(total, 10);
  });

  it("keep the ratio, or raise it from 0.3 to 0.9 with the probability solved anew", () => {
    const ratios = (schedule: string, epoch: number): number => {
      const plan = planOf(timeStepMixup, { schedule, objectives: "mixup" }, fakeNetwork({}), 10, 3);
      const position = positionIn(plan, epoch);
      let sum = 0;
      for (let round = 0; round < 20; round += 1) {
        const marks = plan.prepare?.(batchOf(10, 200), position)?.marks ?? [];
        for (const mark of marks) sum += mark / 40_000;
      }
      return sum;
    };
    const close = 4 * (0.371 / Math.sqrt(4000));
    expect(Math.abs(ratios("constant", 0) - 0.5)).toBeLessThan(close);
    expect(Math.abs(ratios("constant", 3) - 0.5)).toBeLessThan(close);
    expect(Math.abs(ratios("ramp", 0) - 0.3)).toBeLessThan(close);
    expect(Math.abs(ratios("ramp", 3) - 0.9)).toBeLessThan(close);
  });
});
