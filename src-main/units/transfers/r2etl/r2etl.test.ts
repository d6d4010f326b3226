import { describe, expect, it } from "vitest";
import { parseParams } from "#shared/units/params.ts";
import { onEachBackend } from "#main/tensor/testing/each-backend.ts";
import { expectClose, foldNtd, vectors } from "#main/tensor/testing/vectors.ts";
import { tf } from "#main/tensor/tf.ts";
import { fakeNetwork, planOf, positionIn } from "../testing/fake-network.ts";
import { partnerClip } from "./pairing.ts";
import { r2etl } from "./r2etl.ts";

describe("pairs", () => {
  it("are the reference's", () => {
    const { class_start_event, class_count_event, class_count_rgb, ...wanted } = vectors.pairing_r2etl;
    const indices = (ratio: number) =>
      class_count_rgb.map((pictures, c) =>
        Array.from({ length: pictures }, (_, k) => class_start_event[c]! + partnerClip(k, class_count_event[c]!, ratio)),
      );
    expect(indices(1)).toEqual(wanted.event_index_for_each_rgb);
    expect(indices(0.5)).toEqual(wanted["with_ratio_0.5"]);
    expect(partnerClip(5, 1, 0.5)).toBe(0);
  });
});

onEachBackend(() => {
  const given = vectors.he_total_loss;
  const wanted = vectors.r2etl_total_loss;
  const rows = (values: readonly (readonly number[])[]) => tf.tensor2d(values.map((row) => [...row]));
  const stream = (logits: readonly (readonly (readonly number[])[])[], features: typeof given.features_event_NTD) => () => ({
    logits: rows(logits.flat()),
    features: rows(foldNtd(features)),
    encoder: rows(foldNtd(features)),
  });
  const network = () =>
    fakeNetwork({
      static: stream(given.logits_static_TNC, given.features_static_NTD),
      event: stream(given.logits_event_TNC, given.features_event_NTD),
    });
  const batch = () => ({ events: tf.zeros([1]), pictures: tf.ones([1]), labels: tf.tensor1d(given.labels, "int32"), size: 4 });
  const lossOf = async (raw: Readonly<Record<string, unknown>>, used = network()) => {
    const plan = planOf(r2etl, raw, used, 3, 3);
    const [value = NaN] = await plan.loss(batch(), positionIn(plan)).loss.data();
    return { value, reported: await plan.report() };
  };

  it("has the reference's loss, and reports both distances", async () => {
    const used = network();
    const { value, reported } = await lossOf({}, used);
    expectClose([value], [wanted.total]);
    expectClose(
      [reported["encodingDistance"] ?? NaN, reported["featureDistance"] ?? NaN],
      [wanted.encoder_cka_loss_on_time_sums, wanted.feature_tcka_loss],
    );
    // pictures first, as the running averages of the trunk are moved in that order
    expect(used.asked.map(({ options }) => options.head)).toEqual(["static", "event"]);
  });

  it("leaves out what has no weight", async () => {
    const used = network();
    const { value, reported } = await lossOf({ lambdaEncoder: 0, lambdaFeature: 0 }, used);
    expectClose([value], [wanted.tet_source + wanted.tet_target]);
    expect(reported).toEqual({});
    expect(used.asked.every(({ options }) => options.features === false && options.encoder === false)).toBe(true);
    const heavy = await lossOf({ lambdaEncoder: 0, lambdaFeature: 2 });
    expectClose([heavy.value], [wanted.tet_source + wanted.tet_target + 2 * wanted.feature_tcka_loss]);
  });

  it("offers the ablations of both alignments", async () => {
    const { value } = await lossOf({ encoderLoss: "tcka", featureLoss: "mmd" });
    const { loss, mmd_of_time_means } = vectors.tcka;
    expectClose([value], [wanted.tet_source + wanted.tet_target + 0.1 * loss + 0.1 * mmd_of_time_means]);
  });
});

describe("what pictures become", () => {
  const picturesOf = (raw: Readonly<Record<string, unknown>>) => r2etl.pictures(parseParams(r2etl.params, raw));

  it("is three colours, as strong as the clips unless that would not make sense", () => {
    expect(picturesOf({})).toMatchObject({ channels: "rgb", scale: "matched" });
    expect(picturesOf({ mode: "reference" })).toMatchObject({ channels: "rgb", scale: "unit" });
    expect(picturesOf({ coding: "poisson" })).toMatchObject({ scale: "unit" });
    expect(picturesOf({ colours: "cifar-10" })).toMatchObject({ scale: "unit", normalize: { mean: [0.4914, 0.4822, 0.4465] } });
  });

  it("is mixed with edges before random coding, and varied when asked to", () => {
    expect(picturesOf({ coding: "edges-poisson", colours: "cifar-10" })).toEqual({
      ...{ channels: "rgb", border: "auto", scale: "unit", edges: true },
    });
    expect(picturesOf({})?.vary).toBeUndefined();
    expect(picturesOf({ varyPictures: true })?.vary).toEqual({ shift: 1 / 12, flip: 0.5, fill: [] });
    const { fill = [] } = picturesOf({ varyPictures: true, colours: "cifar-10" })?.vary ?? {};
    expect(fill[0]).toBeCloseTo(-0.4914 / 0.2023, 6);
    expect(picturesOf({ scale: "mnist" })).toMatchObject({ scale: "unit", normalize: { mean: [0.1307, 0.1307, 0.1307] } });
  });

  it("is spikes at random with Poisson coding, as many as the values say", () => {
    const plan = planOf(r2etl, { coding: "poisson" }, fakeNetwork({}), 4, 3);
    const values = [0, 0.25, 0.75, 1];
    const pictures = Float32Array.from({ length: 40_000 }, (_, i) => values[i % 4]!);
    plan.prepare?.({ pictures, labels: new Int32Array(10), steps: 4, size: 10 }, positionIn(plan));
    const counts = values.map((_, k) => pictures.filter((spike, i) => i % 4 === k && spike === 1).length);
    expect([...new Set(pictures)].toSorted()).toEqual([0, 1]);
    for (const [k, value] of values.entries()) {
      expect(Math.abs(counts[k]! - 10_000 * value)).toBeLessThanOrEqual(4 * Math.sqrt(10_000 * value * (1 - value)));
    }
  });

  it("is swept once an epoch in the reference, and the clips otherwise", () => {
    const phaseOf = (mode: string) => planOf(r2etl, { mode }, fakeNetwork({}), 4, 3).phases[0];
    expect(phaseOf("reference")).toMatchObject({ shows: "pairs", pairing: "by-picture", sweeps: "pictures" });
    expect(phaseOf("clean")).toEqual({ name: "training", epochs: 4, shows: "pairs", pairing: "by-picture" });
  });
});
