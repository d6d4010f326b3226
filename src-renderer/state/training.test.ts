import { describe, expect, it, vi } from "vitest";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { parseRunSpec } from "#shared/api/run-spec.ts";
import type { Remote } from "#shared/channel/channel.ts";
import { TrainingForm } from "./training.svelte.ts";

/** A form whose engine answers nothing: what it asks for is what counts here. */
function formWith(set: (form: TrainingForm) => void = () => undefined): TrainingForm {
  const preview = vi.fn(() => Promise.reject(new Error("not asked in this test")));
  const form = new TrainingForm({ runs: { preview } } as unknown as Remote<EngineApi>);
  form.datasetName = "n-mnist";
  form.pictures = "mnist";
  form.model = "older";
  set(form);
  form.close();
  return form;
}

describe("the run file of the form", () => {
  it("transfers from pictures by sliding unless another method is chosen", () => {
    expect(formWith().spec).toMatchObject({ source: { dataset: "mnist" }, transfer: { id: "sliding-kt", params: {} } });
    const form = formWith((made) => {
      made.method = "r2etl";
      made.setMethodParams({ lambdaEncoder: 0.5 });
    });
    expect(form.spec).toMatchObject({ transfer: { id: "r2etl", params: { lambdaEncoder: 0.5 } }, control: true });
    form.method = "time-step-mixup";
    expect(form.spec).toMatchObject({ transfer: { id: "time-step-mixup", params: {} } });
    form.method = "r2etl"; // what was set for it is still there
    expect(form.spec).toMatchObject({ transfer: { id: "r2etl", params: { lambdaEncoder: 0.5 } } });
    form.close();
  });

  it("takes the network that belongs to the method, in the size of the effort, or the one that is chosen", () => {
    const r2etl = formWith((form) => (form.method = "r2etl"));
    expect(parseRunSpec(r2etl.spec)).toMatchObject({
      model: { id: "vgg-r2etl", params: { preset: "nano" } },
      neuron: { id: "lif-r2etl" },
      surrogate: { id: "triangle" },
    });
    const chosen = formWith((form) => {
      form.effort = "balanced";
      form.network = "resnet-18";
    });
    expect(parseRunSpec(chosen.spec).model).toEqual({ id: "resnet-18", params: { preset: "tiny" } });
    expect(parseRunSpec(formWith().spec).model).toEqual({ id: "vgg-snn", params: { preset: "nano" } });
  });

  it("has a method of its own without pictures, and one way to tune a model", () => {
    const form = formWith((made) => (made.knowledge = "nothing"));
    expect(form.spec).toMatchObject({ transfer: { id: "scratch" }, control: false });
    expect(form.spec).not.toHaveProperty("source");
    form.method = "tet";
    expect(form.spec).toMatchObject({ transfer: { id: "tet" } });
    form.knowledge = "pictures";
    expect(form.spec).toMatchObject({ transfer: { id: "sliding-kt" } });
    form.knowledge = "model";
    expect(form.spec).toMatchObject({ source: { model: "older" }, transfer: { id: "fine-tune" } });
    form.close();
  });

  it("lists variations in the order in which they were switched on", () => {
    const form = formWith((made) => {
      made.setAugmentation("event-drop", {});
      made.setAugmentation("nda", {});
      made.setAugmentation("event-drop", { time: 0.2 });
    });
    expect(form.spec.augmentations).toEqual([
      { id: "event-drop", params: { time: 0.2 } },
      { id: "nda", params: {} },
    ]);
    form.setAugmentation("event-drop", undefined);
    expect(form.spec.augmentations).toEqual([{ id: "nda", params: {} }]);
    form.close();
  });
});
