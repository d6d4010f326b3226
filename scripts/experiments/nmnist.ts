import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

/*
 * What transfer is worth on real recordings: N-MNIST with few labelled clips, MNIST pictures as the source, through the
 * command line as a user would. Each seed is another split, other weights and another order.
 *
 *   node scripts/experiments/nmnist.ts --data FOLDER [--seeds 1,2,3] [--per-class 10] [--preset nano] [--epochs 20] [--transfers A,B]
 *     [--params JSON] [--augmentations A,B] [--out FILE]
 *
 * FOLDER holds nmnist/ and mnist/ as described in docs/methods.md.
 */

interface Result {
  readonly transfer: string;
  readonly perClass: number;
  readonly seed: number;
  readonly testAccuracy: number;
  readonly testSamples: number;
  readonly validationAccuracy: number;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    seeds: { type: "string", default: "1,2,3" },
    "per-class": { type: "string", default: "10" },
    preset: { type: "string", default: "nano" },
    epochs: { type: "string", default: "20" },
    transfers: { type: "string", default: "scratch,fine-tune,sliding-kt" },
    backend: { type: "string", default: "auto" },
    params: { type: "string", default: "{}" },
    augmentations: { type: "string", default: "" },
    full: { type: "boolean", default: false },
    out: { type: "string", default: "nmnist-results.json" },
  },
});
if (values.data === undefined) throw new Error("--data FOLDER is missing: the folder with nmnist/ and mnist/");
const data = resolve(values.data);
const saccade = resolve(import.meta.dirname, "../../bin/saccade.js");

/** Runs a command and answers with its lines of JSON. */
async function call(args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const child = spawn(process.execPath, [saccade, ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise<number | null>((done) => child.once("exit", done));
  const lines: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Record<string, unknown>);
  const code = await exit;
  if (code !== 0) throw new Error(`saccade ${args.join(" ")} ended with ${code}: ${JSON.stringify(lines.at(-1))}`);
  return lines;
}

const workspace = await mkdtemp(join(tmpdir(), "saccade-nmnist-"));
const at = ["--workspace", join(workspace, "ws")];
const results: Result[] = [];

/** Transfers that see no pictures. */
const alone = ["scratch", "tet"];

async function train(transfer: string, perClass: number, seed: number): Promise<void> {
  const spec = {
    dataset: { name: "n-mnist" },
    ...(!alone.includes(transfer) && { source: { dataset: "mnist" } }),
    transfer: { id: transfer, params: JSON.parse(values.params) as unknown },
    model: { params: { preset: values.preset } }, // of the network that belongs to the transfer
    augmentations: values.augmentations === "" ? [] : values.augmentations.split(","),
    labels: { perClass },
    split: { test: 0.3, validation: 0.05, by: "sample" },
    epochs: Number(values.epochs),
    seed,
    backend: values.backend,
  };
  const file = join(workspace, "run.json");
  await writeFile(file, JSON.stringify(spec));
  const began = performance.now();
  const events = await call(["train", file, ...at]);
  const metrics = events.at(-1)?.["metrics"] as Readonly<Record<string, number>>;
  const result: Result = {
    ...{ transfer, perClass, seed, seconds: Math.round((performance.now() - began) / 1000) },
    testAccuracy: metrics["testAccuracy"] ?? Number.NaN,
    testSamples: metrics["testSamples"] ?? 0,
    validationAccuracy: metrics["validationAccuracy"] ?? Number.NaN,
  };
  results.push(result);
  console.error(JSON.stringify(result));
  await save();
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const deviation = (numbers: readonly number[]): number =>
  Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean(numbers)) ** 2, 0) / Math.max(1, numbers.length - 1));

function table(): string {
  const groups = Map.groupBy(results, ({ transfer, perClass }) => `${transfer}\0${perClass}`);
  const rows = [...groups.values()].map((group) => {
    const accuracies = group.map(({ testAccuracy }) => 100 * testAccuracy);
    const { transfer = "", perClass = 0, testSamples = 0 } = group[0] ?? {};
    const spread = group.length > 1 ? ` ± ${deviation(accuracies).toFixed(1)}` : "";
    const each = accuracies.map((accuracy) => accuracy.toFixed(1)).join(", ");
    const seconds = Math.round(mean(group.map((result) => result.seconds)));
    return `| ${transfer} | ${perClass === 0 ? "all" : perClass} | ${mean(accuracies).toFixed(1)}${spread} | ${each} | ${testSamples} | ${seconds} |`;
  });
  return [
    "| Transfer | Clips per class | Test accuracy, % (mean ± std) | Each seed | Test clips | Seconds a run |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

async function save(): Promise<void> {
  const { preset, epochs, backend } = values;
  await writeFile(values.out, `${JSON.stringify({ preset, epochs: Number(epochs), backend, results }, undefined, 2)}\n`);
  await writeFile(values.out.replace(/(\.json)?$/, ".md"), table());
}

try {
  await mkdir(join(workspace, "ws"), { recursive: true });
  await call(["dataset", "add", join(data, "nmnist"), "--name", "n-mnist", ...at]);
  await call(["dataset", "add", join(data, "mnist"), "--name", "mnist", ...at]);
  for (const seed of values.seeds.split(",").map(Number)) {
    for (const transfer of values.transfers.split(",")) await train(transfer, Number(values["per-class"]), seed);
  }
  if (values.full) await train("scratch", 0, 1);
  console.log(await readFile(values.out.replace(/(\.json)?$/, ".md"), "utf8"));
} finally {
  await rm(workspace, { recursive: true, force: true });
}
