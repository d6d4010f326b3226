import { describe, expect, it } from "vitest";
import type { ModelInfo } from "#shared/api/engine-api.ts";
import type { Evaluation } from "#shared/api/run.ts";
import { parseRunSpec } from "#shared/api/run-spec.ts";
import { gainOverSeeds, gainWords, groupsOf, overSeedsWords, ownInterval, readingsOf } from "./report.ts";

const modelOf = (seed: number, testAccuracy: number, over: Partial<ModelInfo> = {}): ModelInfo => ({
  ...{ schema: 1, id: `m${seed}`, name: "model", createdAt: 0, run: "r", classes: ["a", "b"], windowUs: 400_000 },
  ...{ sensor: { width: 34, height: 34 }, parameters: 12_345, metrics: { testAccuracy }, path: "", bytes: 50_000 },
  ...{ split: { train: [], validation: [], test: [] }, weights: { file: "", tensors: [] } },
  spec: parseRunSpec({ dataset: { name: "clips" }, seed }),
  ...over,
});
const report: Evaluation = {
  ...{ model: "m1", dataset: "clips", accuracy: 0.9, samples: 20, classes: ["a", "b"], perClass: [], confusion: [], answers: [] },
  ...{
    accuracyByStep: [0.5, 0.7, 0.9, 0.9],
    spikesPerDecision: 1000,
    synapticOperations: 2e6,
    energyMicrojoule: 3.1,
    latencyMs: 4,
  },
  ...{ inputOperations: 1e5, denseOperations: 4e6, neurons: 2500, windowUs: 200_000 },
};
const note = (readings: ReturnType<typeof readingsOf>, label: string) => readings.find((one) => one.label === label);

describe("the readings of a report", () => {
  it("say how sure one model's accuracy is, and what a decision costs", () => {
    const readings = readingsOf(modelOf(1, 0.9), report, undefined);
    expect(note(readings, "Accuracy on test")).toMatchObject({
      value: "90.0",
      note: "18 of 20 clips, 69.9 to 97.2 %",
    });
    expect(note(readings, "Spikes per decision")).toMatchObject({ value: "1.00", unit: "k", note: "10.0 % of neurons per step" });
    expect(note(readings, "Energy per decision")).toMatchObject({ note: "Estimate, 2.00 M operations" });
    expect(note(readings, "Gain over scratch")).toMatchObject({ value: undefined, note: "No control run" });
    expect(readings.some(({ label }) => label.startsWith("Over"))).toBe(false);
  });

  it("fit a list, too", () => {
    expect(ownInterval(modelOf(1, 0.9, { metrics: { testAccuracy: 0.9, testSamples: 20 } }))).toBe(
      "95 % interval 69.9 to 97.2 %",
    );
    expect(ownInterval(modelOf(1, 0.9, { metrics: {} }))).toBeUndefined();
  });

  it("say when the control's accuracy is reached, in milliseconds of the clips of this test", () => {
    const control = { testAccuracy: 0.6, perClass: [], accuracyByStep: [0.2, 0.3, 0.5, 0.6] };
    const readings = readingsOf(modelOf(1, 0.9, { control }), report, undefined);
    expect(note(readings, "Time seen for 60.0 %")).toMatchObject({ value: "75", unit: "ms", note: "Control 200 ms" });
    expect(note(readings, "Gain over scratch")).toMatchObject({ value: "+30.0", note: "Control 60.0 %" });
  });

  it("count events where steps have no fixed length", () => {
    const spec = parseRunSpec({ dataset: { name: "clips" }, representation: { id: "event-frame", params: { mode: "count" } } });
    const readings = readingsOf(modelOf(1, 0.9, { spec }), report, undefined);
    expect(note(readings, "Events seen for 85.5 %")).toMatchObject({ unit: "% of events" });
  });

  it("say mean, deviation and interval over seeds, and leave gaps before there is a report", () => {
    const models = [modelOf(1, 0.9), modelOf(2, 0.94), modelOf(3, 0.92)];
    const group = groupsOf(models).get("m2");
    expect(overSeedsWords(group)).toBe("92.0 ± 2.0 %, 3 seeds");
    const readings = readingsOf(models[0]!, undefined, group);
    expect(note(readings, "Over 3 seeds")).toMatchObject({
      value: "92.0",
      unit: "± 2.0 %",
      note: "Mean within 87.0 to 97.0 %",
    });
    expect(note(readings, "Accuracy on test")).toMatchObject({ value: "90.0", note: "Not evaluated yet" });
    const control = (testAccuracy: number) => ({ control: { testAccuracy, perClass: [] } });
    const compared = groupsOf([modelOf(1, 0.9, control(0.8)), modelOf(2, 0.9, control(0.84)), modelOf(3, 0.7)]).get("m1");
    expect(gainWords(gainOverSeeds(compared!)!)).toBe("+8.0 ± 2.8 points, 95 % interval −17.4 to +33.4");
    expect(gainOverSeeds(group!)).toBeUndefined();
    expect(overSeedsWords(groupsOf([modelOf(1, 0.9)]).get("m1"))).toBeUndefined();
  });
});
