import { describe, expect, it } from "vitest";
import { AppError } from "./errors.ts";
import { parseRunSpec, type RunCatalog } from "./run-spec.ts";

const unit = (id: string, params = {}) => ({ id, label: id, summary: id, params });
const catalog: RunCatalog = {
  filters: [unit("refractory", { periodUs: { type: "integer", default: 1000, min: 1, label: "Period" } })],
  representations: [unit("event-frame", { steps: { type: "integer", default: 10, min: 1, max: 64, label: "Steps" } })],
  models: ["vgg-snn", "vgg-r2etl"].map((id) =>
    unit(id, { preset: { type: "choice", default: "small", options: ["tiny", "small"], label: "Preset" } }),
  ),
  neurons: [unit("lif-he"), unit("lif-r2etl")],
  surrogates: [unit("quadratic-gate"), unit("triangle")],
  transfers: [unit("scratch"), unit("fine-tune"), unit("sliding-kt"), unit("r2etl")],
  augmentations: [unit("nda", { rotation: { type: "number", default: 15, min: 0, max: 180, label: "Rotation" } })],
  backends: [unit("wasm")],
};

/** The error of a run file that cannot be accepted. */
function refusal(raw: unknown, against?: RunCatalog): AppError {
  try {
    parseRunSpec(raw, against);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

const dataset = { name: "n-mnist" };

describe("parseRunSpec", () => {
  it("fills every default of a file that names a data set only", () => {
    expect(parseRunSpec({ dataset })).toEqual({
      dataset,
      split: { test: 0.2, validation: 0.1, by: "sample" },
      labels: { perClass: 0 },
      filters: [],
      representation: { id: "event-frame", params: {} },
      model: { id: "vgg-snn", params: { preset: "tiny" } },
      neuron: { id: "lif-he", params: {} },
      surrogate: { id: "quadratic-gate", params: {} },
      transfer: { id: "scratch", params: {} },
      augmentations: [],
      optimizer: {
        id: "adamw",
        params: { learningRate: 0.003, schedule: "cosine", warmupEpochs: 0, stepEpochs: 30, gamma: 0.5, weightDecay: 0.01 },
      },
      backend: "auto",
      epochs: 20,
      batchSize: 32,
      seed: 1,
      control: false,
    });
  });

  it("takes the run file of the manual as it stands", () => {
    const raw = {
      dataset,
      source: { dataset: "mnist" },
      transfer: { id: "sliding-kt" },
      model: { id: "vgg-snn", params: { preset: "tiny" } },
      representation: { id: "event-frame", params: { steps: 5 } },
      labels: { perClass: 20 },
      split: { test: 0.2, validation: 0.1, by: "sample" },
      epochs: 20,
      batchSize: 32,
      seed: 1,
      backend: "auto",
    };
    expect(parseRunSpec(raw, catalog)).toMatchObject({ ...raw, transfer: { id: "sliding-kt", params: {} } });
  });

  it("is stable: what it has completed it accepts unchanged", () => {
    const spec = parseRunSpec({ dataset, filters: ["refractory"], name: "two" }, catalog);
    expect(spec.filters).toEqual([{ id: "refractory", params: { periodUs: 1000 } }]);
    expect(parseRunSpec(spec, catalog)).toEqual(spec);
  });

  it("lets the source choose the transfer", () => {
    expect(parseRunSpec({ dataset, source: { dataset: "mnist" } }).transfer.id).toBe("sliding-kt");
    expect(parseRunSpec({ dataset, source: { model: "m1" } }).transfer.id).toBe("fine-tune");
    expect(parseRunSpec({ dataset, source: null }).transfer.id).toBe("scratch");
  });

  it.each([
    ["a misspelt field", { dataset, epoch: 3 }, /unknown field "epoch"/, /Did you mean "epochs"/],
    ["a strange field", { dataset, gpus: 3 }, /unknown field "gpus"/, /Known: name, dataset/],
    ["a strange field inside", { dataset, split: { tset: 0.1 } }, /"split.tset"/, /"split.test"/],
    ["a strange optimizer setting", { dataset, optimizer: { id: "adam", params: { lr: 1 } } }, /"lr"/, /learningRate/],
    ["no data set", {}, /"dataset" is missing/, /dataset/],
    ["nothing at all", null, /it is null/, undefined],
    ["an empty name", { dataset: { name: " " } }, /"dataset.name" is " "/, undefined],
    ["too many epochs", { dataset, epochs: 20000 }, /"epochs" is 20000.*from 1 to 10000/, undefined],
    ["half an epoch", { dataset, epochs: 1.5 }, /"epochs" is 1.5/, undefined],
    ["shares beyond the whole", { dataset, split: { test: 0.6, validation: 0.4 } }, /leave nothing to train on/, /below 1/],
    ["a word for a list of augmentations", { dataset, augmentations: "nda" }, /"augmentations" is "nda"/, undefined],
    ["a word for a list", { dataset, filters: "refractory" }, /"filters" is "refractory"/, undefined],
    ["a split by number without one", { dataset, split: { by: "number" } }, /"split.first" is missing/, /"first":500/],
    [
      "a number in another split",
      { dataset, split: { by: "layout", first: 5 } },
      /"split.first" is 5 in a split by layout/,
      /"by":"number"/,
    ],
  ])("refuses %s in one sentence", (_, raw, message, hint) => {
    const error = refusal(raw);
    expect(error.code).toBe("bad-spec");
    expect(error.message).toMatch(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  it("lets a published method choose its own network and neuron, unless others are named", () => {
    const r2etl = { dataset, source: { dataset: "mnist" }, transfer: "r2etl" };
    expect(parseRunSpec(r2etl, catalog)).toMatchObject({
      model: { id: "vgg-r2etl", params: { preset: "tiny" } },
      neuron: { id: "lif-r2etl" },
      surrogate: { id: "triangle" },
    });
    expect(parseRunSpec({ ...r2etl, model: { params: { preset: "small" } } }, catalog).model).toEqual({
      id: "vgg-r2etl",
      params: { preset: "small" },
    });
    expect(parseRunSpec({ ...r2etl, model: "vgg-snn", neuron: "lif-he" }, catalog)).toMatchObject({
      model: { id: "vgg-snn" },
      neuron: { id: "lif-he" },
    });
  });

  it("checks and completes augmentations, each by its place", () => {
    expect(parseRunSpec({ dataset, augmentations: ["nda"] }, catalog).augmentations).toEqual([
      { id: "nda", params: { rotation: 15 } },
    ]);
    const refused = refusal({ dataset, augmentations: ["nda", { id: "nda", params: { rotation: 900 } }] }, catalog);
    expect(refused.message).toMatch(/"augmentations\[1\]" \(nda\): "rotation" is 900.*from 0 to 180/);
    expect(refusal({ dataset, augmentations: ["blur"] }, catalog)).toMatchObject({ code: "unknown-unit", hint: "Known: nda." });
  });

  it("takes parameters without a name as those of the default", () => {
    const { model, neuron } = parseRunSpec({ dataset, model: { params: { preset: "tiny" } } });
    expect(model).toEqual({ id: parseRunSpec({ dataset }).model.id, params: { preset: "tiny" } });
    expect(neuron).toEqual(parseRunSpec({ dataset }).neuron);
    expect(refusal({ dataset, model: { id: "", params: {} } }).message).toMatch(/"model.id"/);
  });

  it("checks units against the catalog", () => {
    expect(refusal({ dataset, neuron: "lf" }, catalog).code).toBe("unknown-unit");
    expect(refusal({ dataset, backend: "cuda" }, catalog)).toMatchObject({ code: "unknown-unit", hint: "Known: wasm." });
    expect(refusal({ dataset, representation: { id: "event-frame", params: { steps: 0 } } }, catalog).message).toMatch(
      /"representation" \(event-frame\): "steps" is 0.*from 1 to 64/,
    );
  });
});
