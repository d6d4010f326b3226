import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { rootDir } from "#main/lib/paths.ts";
import { benchTrain, probeNetwork, type BenchNetwork, type TrainBench } from "#main/units/backends/bench-train.ts";

/*
 * node bench/train.ts [backend…] [--steps n] [--rounds n] [--wide] [--per-step]
 * Times training steps of the probe network on each backend in turn, and of the same network in PyTorch where python3
 * has it, each in a process of its own, round after round: a busy machine then disturbs all alike.
 */

const wide: BenchNetwork = { ...probeNetwork, batch: 2, channels: [2, 64, 128, 256] };

interface TorchResult {
  readonly library: string;
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly cpuMs: number;
}

interface Figures {
  readonly medians: number[];
  readonly fastest: number[];
  readonly cpu: number[];
  note: string;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be followed by a whole number of at least 1`);
  return value;
}

function child(command: string, args: readonly string[]): unknown {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: rootDir, encoding: "utf8", maxBuffer: 2 ** 24 });
  if (error !== undefined || status !== 0)
    throw new Error(error?.message ?? stderr.trim().split("\n").at(-1) ?? `code ${status}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

function record(
  all: Map<string, Figures>,
  name: string,
  { medianMs, fastestMs, cpuMs }: TorchResult | TrainBench,
  note: string,
): void {
  const figures = all.get(name) ?? { medians: [], fastest: [], cpu: [], note };
  figures.medians.push(medianMs);
  figures.fastest.push(fastestMs);
  figures.cpu.push(cpuMs);
  figures.note = note;
  all.set(name, figures);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

function measure(backends: readonly string[], network: BenchNetwork, steps: number, rounds: number): void {
  const { steps: t, batch, size, perStep, channels } = network;
  const torchArgs = [steps, t, batch, size, perStep ? 1 : 0, ...channels].map(String);
  const torch = ["/usr/bin/python3", "python3"].find((path) => !path.startsWith("/") || existsSync(path)) ?? "python3";
  const all = new Map<string, Figures>();
  const failed = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    for (const backend of backends.filter((name) => !failed.has(name))) {
      try {
        const result = child(process.execPath, [
          import.meta.filename,
          "--one",
          backend,
          JSON.stringify(network),
          String(steps),
        ]) as TrainBench;
        const [third, last] = result.tensors;
        const [heapThird, heapLast] = result.heapBytes;
        record(
          all,
          backend,
          result,
          `${result.device}; tensors ${third} → ${last}, heap ${mebibytes(heapThird)} → ${mebibytes(heapLast)}`,
        );
      } catch (error) {
        failed.set(backend, String(error));
      }
    }
    if (failed.has("torch")) continue;
    try {
      const result = child(torch, [join("bench", "pytorch_probe.py"), ...torchArgs]) as TorchResult;
      record(all, "torch", result, result.library);
    } catch (error) {
      failed.set("torch", `not measured: ${String(error)}`);
    }
  }
  const reference = all.get("torch");
  console.log(
    `${channels.join("-")} at ${size}×${size}, T ${t}, batch ${batch}, ${perStep ? "per-step" : "joint"} batch norm, ${rounds} × ${steps} steps`,
  );
  for (const [name, { medians, fastest, cpu, note }] of all) {
    const values = { median: median(medians), fastest: Math.min(...fastest), cpu: Math.min(...cpu) };
    const told = Object.entries(values).map(([what, ms]) => `${what} ${ms.toFixed(1)} ms`);
    console.log(`${name.padEnd(11)} ${told.join(", ")}; ${note}`);
    if (reference === undefined || name === "torch") continue;
    const base = { median: median(reference.medians), fastest: Math.min(...reference.fastest), cpu: Math.min(...reference.cpu) };
    const ratios = [values.median / base.median, values.fastest / base.fastest, values.cpu / base.cpu].map((ratio) =>
      ratio.toFixed(2),
    );
    console.log(`${"".padEnd(11)} ÷ PyTorch: median ${ratios[0]}, fastest ${ratios[1]}, CPU time ${ratios[2]}`);
  }
  for (const [name, reason] of failed) console.log(`${name.padEnd(11)} ${reason}`);
}

const one = process.argv.indexOf("--one");
if (one >= 0) {
  const [backend = "wasm", network = "{}", steps = "15"] = process.argv.slice(one + 1);
  console.log(JSON.stringify(await benchTrain(backend, Number(steps), JSON.parse(network) as BenchNetwork)));
  // Dawn keeps the process alive otherwise.
  process.exit(0);
} else {
  const flags = new Set(["--steps", "--rounds"]);
  const names = process.argv.slice(2).filter((word, i, words) => !word.startsWith("--") && !flags.has(words[i - 1] ?? ""));
  const network = { ...(process.argv.includes("--wide") ? wide : probeNetwork), perStep: process.argv.includes("--per-step") };
  measure(names.length > 0 ? names : ["wasm", "wasm-plain"], network, option("--steps", 15), option("--rounds", 3));
}
