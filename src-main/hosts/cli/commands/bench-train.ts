import { cpus, loadavg } from "node:os";
import { benchNetworks, type BenchNetwork, type MemoryAfter } from "#shared/api/compute-api.ts";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import type { RunSpecInput } from "#shared/api/run.ts";
import { command, PartialFailure, type Context } from "../command.ts";
import { benchableBackends, timeTraining, type TrainingTimes } from "../time-training.ts";
import { table } from "./table.ts";
import { readSpec } from "./train.ts";

async function estimates(engine: EngineApi, spec: RunSpecInput, backends: readonly string[]) {
  const found = [];
  for (const backend of backends) {
    try {
      found.push({ ...(await engine.runs.estimate({ ...spec, backend })), backend });
    } catch (error) {
      found.push({ backend, error: toErrorData(error) });
    }
  }
  return found;
}

async function ofRun({ out, engine }: Context, file: string, backend: string | undefined): Promise<void> {
  const spec = (await readSpec(file)) as RunSpecInput;
  const api = await engine();
  const all = backend === undefined ? (await api.doctor()).backends.filter(({ ok }) => ok).map(({ id }) => id) : [backend];
  const results = await estimates(api, spec, all);
  await out.data(results);
  const rows = results.map((result) =>
    "error" in result
      ? [result.backend, result.error.message, "", ""]
      : [result.backend, result.device, `${result.stepMs.toFixed(1)} ms`, `${result.seconds.toFixed(0)} s`],
  );
  await out.text(table(["backend", "device", "step", "whole run"], rows));
}

const described = ({ channels, size, steps, batch }: BenchNetwork): string =>
  `blocks ${channels.join("-")} at ${size}×${size}, ${steps} time steps, batch ${batch}`;

/** `after 3: 118 tensors, 2.1 MB in 48.0 MB` */
const held = ({ step, tensors, bytes, heapBytes, buffers }: MemoryAfter): string =>
  `after ${step}: ${tensors} tensors, ${(bytes / 1e6).toFixed(2)} MB in ${(heapBytes / 1e6).toFixed(2)} MB` +
  (buffers === 0 ? "" : ` of ${buffers} buffers`);

function text({ network, times, failed }: TrainingTimes): string {
  const rows = times.map(({ id, device, medianMs, fastestMs, cpuMs, ratio }) => [
    id,
    ...[medianMs, fastestMs, cpuMs].map((ms) => ms.toFixed(1)),
    ...[ratio?.median, ratio?.fastest, ratio?.cpu].map((value) => (value === undefined ? "" : value.toFixed(2))),
    device,
  ]);
  const head = ["ms per step", "median", "fastest", "CPU", "÷ PyTorch: median", "fastest", "CPU", "device"];
  return [
    described(network),
    table(head, rows),
    ...times.flatMap(({ id, memory = [] }) => (memory.length === 0 ? [] : [`${id} holds ${memory.map(held).join("; ")}`])),
    ...failed.map(({ id, reason }) => `${id} was not measured: ${reason}`),
  ].join("\n");
}

export const benchTrain = command({
  path: ["bench", "train"],
  summary: "Measures training steps on every place to compute, and in PyTorch where it can be had.",
  details: [
    "Without RUN.json: two networks made for it (three blocks of convolution, batch norm, neuron and pooling; a narrow and a wide one), every backend in a process of its own, in turn, and from a checkout the same network in PyTorch on one thread. Ratios of one call mean something, times belong to the machine.",
    "With RUN.json: two real batches of that run, and how long the whole run would take.",
  ],
  positionals: [{ name: "RUN.json", summary: "A run file", optional: true }],
  options: {
    backend: {
      param: { type: "text", default: "", label: "Only this one (default: all that work here and are of use for training)" },
      value: "ID",
      optional: true,
    },
    network: {
      param: {
        type: "choice",
        default: "all",
        label: "Which network, without RUN.json",
        options: [...Object.keys(benchNetworks), "all"],
      },
      value: "NAME",
    },
    steps: {
      param: { type: "integer", default: 15, min: 1, max: 100_000, label: "Timed steps in each round, after three to warm up" },
      value: "N",
    },
    rounds: { param: { type: "integer", default: 3, min: 1, max: 100, label: "Rounds through all of them" }, value: "N" },
    python: {
      param: { type: "text", default: "", label: "A Python with PyTorch (default: python3)" },
      value: "PATH",
      optional: true,
    },
  },
  output:
    "{cpu, networks:[{network, times:[{id, device, medianMs, fastestMs, cpuMs, ratio, memory}], failed}], left}; with RUN.json [{backend, device, stepMs, seconds, memoryBytes, parameters, …} or {backend, error}]",
  run: async (context, [file], { backend, network, steps, rounds, python }) => {
    if (file !== undefined) return ofRun(context, file, backend);
    const { out, signal } = context;
    const { ids, left } = backend === undefined ? await benchableBackends(signal) : { ids: [backend], left: [] };
    const networks: TrainingTimes[] = [];
    for (const [name, one] of Object.entries(benchNetworks)) {
      if (network !== "all" && network !== name) continue;
      const times = await timeTraining(one, ids, { steps, rounds, python, signal });
      networks.push(times);
      await out.text(text(times));
    }
    const cpu = cpus()[0]?.model ?? "unknown";
    await out.data({ cpu, networks, left });
    const load = (loadavg()[0] ?? 0).toFixed(1);
    await out.text([`on ${cpu}, load ${load}`, ...left.map((reason) => `left out: ${reason}`)].join("\n"));
    if (networks.some(({ failed }) => failed.some(({ id }) => id === backend))) throw new PartialFailure();
  },
});
