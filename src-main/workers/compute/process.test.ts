import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunEvent, TrainJob } from "#shared/api/run.ts";
import { tinyJob } from "./testing/tiny-job.ts";

vi.setConfig({ testTimeout: 300_000 }); // several trainings, on a machine that may be busy

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-process-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function start(script: "run-job" | "parent", job: TrainJob) {
  const file = join(folder, `${job.runId}.json`);
  await writeFile(file, JSON.stringify(job));
  const child = spawn(process.execPath, [join(import.meta.dirname, "testing", `${script}.ts`), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout });
  return { child, ended, lines };
}

type Line = RunEvent | { readonly kind: "hello"; readonly pid: number; readonly node: string };

/** Reads lines until one fits. */
async function until(lines: AsyncIterable<string>, fits: (line: Line) => boolean): Promise<Line[]> {
  const seen: Line[] = [];
  for await (const text of lines) {
    const line = JSON.parse(text) as Line;
    seen.push(line);
    if (fits(line)) return seen;
  }
  throw new Error(`the process ended after ${JSON.stringify(seen.at(-1))}`);
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process: what is asked for
  }
};

const lossesOf = (lines: readonly Line[]): number[] =>
  lines.flatMap((line) => (line.kind === "epoch" ? [line.metrics.trainLoss] : []));

const ended = (line: Line): boolean => line.kind === "state" && line.state !== "running";

describe("a training that is killed", () => {
  // Fine-tuning has 2 + 2 epochs, so one is cut in each of its phases.
  it.each([
    ["sliding-kt", 2],
    ["fine-tune", 1],
    ["fine-tune", 3],
  ] as const)("goes on identically (%s, cut after epoch %i): same losses, same weights to the byte", async (id, cutAfter) => {
    const whole = await tinyJob(folder, { epochs: 4, transfer: { id } }, "whole");
    const untouched = await start("run-job", whole);
    const expected = lossesOf(await until(untouched.lines, ended));
    expect(expected).toHaveLength(4);

    const cut = { ...whole, runId: "cut", runDir: join(folder, "cut"), modelDir: join(folder, "models", "cut") };
    const killed = await start("run-job", cut);
    let checkpoints = 0;
    const before = await until(killed.lines, ({ kind }) => kind === "checkpoint" && (checkpoints += 1) === cutAfter);
    killed.child.kill("SIGKILL");
    await killed.ended;

    const resumed = await start("run-job", { ...cut, resume: true });
    const after = await until(resumed.lines, ended);
    expect(after.at(-1)).toMatchObject({ state: "done" });
    expect([...lossesOf(before), ...lossesOf(after)]).toEqual(expected);
    const [wanted, got] = await Promise.all([whole, cut].map(({ modelDir }) => readFile(join(modelDir, "weights.bin"))));
    expect(got?.equals(wanted ?? Buffer.alloc(0))).toBe(true);
  });

  it("is not continued with another spec", async () => {
    const job = await tinyJob(folder, { epochs: 1 });
    const first = await start("run-job", job);
    await until(first.lines, ended);
    const other = await start("run-job", { ...job, spec: { ...job.spec, seed: 2 }, resume: true });
    expect((await until(other.lines, ended)).at(-1)).toMatchObject({ state: "failed", error: { code: "bad-spec" } });
  });
});

describe("the compute process", () => {
  it("answers on its line, trains, and is gone soon after its parent is killed", async () => {
    const job = await tinyJob(folder, { epochs: 5000 });
    const { child, lines, ended } = await start("parent", job);
    const seen = await until(lines, (line) => line.kind === "epoch");
    const hello = seen.find((line) => line.kind === "hello");
    expect(hello?.node).toBe(process.version);
    const pid = hello?.pid ?? 0;
    expect(alive(pid)).toBe(true);
    child.kill("SIGKILL");
    await ended;
    const killedAt = performance.now();
    while (alive(pid) && performance.now() - killedAt < 10_000) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(alive(pid)).toBe(false);
    expect(performance.now() - killedAt).toBeLessThan(5000);
  });
});
