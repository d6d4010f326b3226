import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchNetwork, ComputeApi, TrainBench } from "#shared/api/compute-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import { connect } from "#shared/channel/channel.ts";
import { forkNode } from "#main/hosts/common/fork-node.ts";
import { workerEnv } from "#main/hosts/common/node-host.ts";
import { userPaths } from "#main/hosts/common/user-paths.ts";
import { rootDir } from "#main/lib/paths.ts";

const run = promisify(execFile);

/** The same network in PyTorch; comes with a checkout only. */
const twin = join(rootDir, "bench", "pytorch_probe.py");

/** What one program needed for a step, over all rounds. */
export interface StepTimes {
  /** Id of a backend, or `pytorch`. */
  readonly id: string;
  readonly device: string;
  /** Median over the rounds of each one's median; the least of all; the least CPU time of a round. */
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly cpuMs: number;
  /** The same divided by PyTorch's of this run. */
  readonly ratio?: { readonly median: number; readonly fastest: number; readonly cpu: number };
  readonly memory?: TrainBench["memory"];
}

/** The times of one network, and what could not be measured. */
export interface TrainingTimes {
  readonly network: BenchNetwork;
  readonly times: readonly StepTimes[];
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

type Round = Pick<TrainBench, "device" | "medianMs" | "fastestMs" | "cpuMs"> & Partial<Pick<TrainBench, "memory">>;

/** Something of a compute process that is started for it alone. */
async function inProcess<T>(work: (api: ComputeApi) => Promise<T>, signal: AbortSignal): Promise<T> {
  const worker = await forkNode("compute", { env: workerEnv(userPaths()) });
  const stop = (): void => worker.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await work(connect<ComputeApi>(worker.port));
  } finally {
    signal.removeEventListener("abort", stop);
    worker.kill("SIGKILL"); // it holds nothing that could be lost
    await worker.exited;
  }
}

/** Backends to measure when none is named: those that work, without the ones that take minutes for a step. */
export async function benchableBackends(signal: AbortSignal): Promise<{ readonly ids: string[]; readonly left: string[] }> {
  const reports = await inProcess((api) => api.probe(), signal);
  const [ids, left]: [string[], string[]] = [[], []];
  for (const { id, ok, reason, device, rank } of reports) {
    if (!ok) left.push(`${id}: ${reason ?? "it does not work here"}`);
    else if (id === "js" || rank !== undefined) left.push(`${id}: ${device ?? id}; --backend ${id} measures it all the same`);
    else ids.push(id);
  }
  return { ids, left };
}

/** The Python that has PyTorch, or why there is none. */
async function findTorch(named: string | undefined): Promise<{ readonly python: string } | { readonly reason: string }> {
  if (!existsSync(twin)) return { reason: `its script is not here (${twin})` };
  const candidates = named === undefined ? ["python3", "/usr/bin/python3"] : [named];
  for (const python of candidates) {
    const found = await run(python, ["-c", "import torch"]).then(
      () => true,
      () => false, // the next one may have it; when none has, the reason below says so
    );
    if (found) return { python };
  }
  return { reason: `${candidates.join(" and ")} cannot import torch` };
}

async function torchRound(python: string, network: BenchNetwork, steps: number, signal: AbortSignal): Promise<Round> {
  const { steps: t, batch, size, perStep, channels } = network;
  const args = [twin, ...[steps, t, batch, size, perStep ? 1 : 0, ...channels].map(String)];
  const { stdout } = await run(python, args, { signal, maxBuffer: 2 ** 24 });
  const { library, ...times } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Round & { readonly library: string };
  return { ...times, device: library };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

function summary(id: string, rounds: readonly Round[]): StepTimes {
  const memory = rounds.at(-1)?.memory;
  return {
    id,
    device: rounds.at(-1)?.device ?? "",
    medianMs: median(rounds.map(({ medianMs }) => medianMs)),
    fastestMs: Math.min(...rounds.map(({ fastestMs }) => fastestMs)),
    cpuMs: Math.min(...rounds.map(({ cpuMs }) => cpuMs)),
    ...(memory === undefined ? {} : { memory }),
  };
}

/**
 * Times a training step of the network on each backend and, where it can be had, in PyTorch on one thread: each in a process
 * of its own, in turn, round after round, so that a busy machine disturbs all alike.
 */
export async function timeTraining(
  network: BenchNetwork,
  backends: readonly string[],
  { steps, rounds, python, signal }: { steps: number; rounds: number; python: string | undefined; signal: AbortSignal },
): Promise<TrainingTimes> {
  const torch = await findTorch(python);
  const failed = new Map<string, string>("reason" in torch ? [["pytorch", torch.reason]] : []);
  const measured = new Map<string, Round[]>();
  const measure = async (id: string, round: () => Promise<Round>): Promise<void> => {
    if (failed.has(id) || signal.aborted) return;
    try {
      const result = await round();
      measured.set(id, [...(measured.get(id) ?? []), result]);
    } catch (error) {
      if (!signal.aborted) failed.set(id, toErrorData(error).message);
    }
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const id of backends) {
      await measure(id, () => inProcess((api) => api.benchTrain(id, network, steps), signal));
    }
    if ("python" in torch) await measure("pytorch", () => torchRound(torch.python, network, steps, signal));
  }
  const all = [...measured].map(([id, results]) => summary(id, results));
  const base = all.find(({ id }) => id === "pytorch");
  const times = all.map((one) =>
    base === undefined || one === base
      ? one
      : {
          ...one,
          ratio: {
            median: one.medianMs / base.medianMs,
            fastest: one.fastestMs / base.fastestMs,
            cpu: one.cpuMs / base.cpuMs,
          },
        },
  );
  return { network, times, failed: [...failed].map(([id, reason]) => ({ id, reason })) };
}
