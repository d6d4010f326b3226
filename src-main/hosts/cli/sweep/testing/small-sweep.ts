import type { Result } from "../results.ts";
import type { SweepRun } from "../expand.ts";

/** A small sweep file: two variants, two columns, three seeds. */
export const smallSweep = {
  name: "small",
  title: "A small sweep",
  base: { dataset: { name: "clips" }, epochs: 2 },
  parts: [
    {
      id: "main",
      title: "Methods",
      seeds: [1, 2, 3],
      axes: [{ path: "labels.perClass", label: "Clips", values: [1, { value: 5, set: { epochs: 4 } }] }],
      baseline: "scratch",
      variants: [
        { id: "scratch", label: "From scratch", set: { transfer: "scratch" } },
        { id: "better", label: "Better", set: { "transfer.id": "sliding-kt", source: { dataset: "pictures" } } },
      ],
      curves: [{ metric: "cka", label: "CKA", at: ["5"] }],
    },
  ],
};

/** A finished run with this accuracy. */
export const resultWith = ({ key, spec }: SweepRun, testAccuracy: number, rest: Partial<Result> = {}): Result => ({
  schema: 1,
  key,
  spec,
  run: `run-${key}`,
  metrics: { testAccuracy, spikesPerDecision: 100, synapticOperations: 2e6, energyMicrojoule: 1.5 },
  data: { train: 10, validation: 0, test: 40, source: 30, excludedSource: 7 },
  warnings: [],
  epochs: { trainLoss: [2, 1], cka: [0.4, 0.8] },
  steps: 50,
  backend: { id: "wasm", device: "one thread" },
  seconds: 4,
  interrupted: 0,
  finishedAt: Date.UTC(2026, 0, 2),
  machine: { processor: "A processor", cores: 4, memoryBytes: 2 ** 34, node: "v24.0.0", platform: "linux x64" },
  ...rest,
});
