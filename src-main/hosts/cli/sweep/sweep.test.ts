import { spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assetsDir, rootDir } from "#main/lib/paths.ts";

/*
 * Whole sweeps from outside, on the generated clips and pictures of the demo and the WebAssembly backend. The same workspace
 * throughout: what is finished stays finished.
 */

type Line = Readonly<Record<string, unknown>>;

let folder: string;
const at = (...names: readonly string[]): string => join(folder, ...names);
const TIMEOUT_MS = 240_000;

function start(args: readonly string[], path = process.env["PATH"]): ChildProcess {
  return spawn(process.execPath, [join(rootDir, "bin", "saccade.js"), ...args, "--json"], {
    env: { ...process.env, SACCADE_HOME: at("home"), NODE_ENV: "production", PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, which can be killed as a whole
  });
}

/** The lines of a call, as they come; `seen` may end it early. */
async function lines(
  child: ChildProcess,
  seen: (line: Line) => void = () => undefined,
): Promise<{ lines: Line[]; code: number | null; err: string }> {
  let err = "";
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const all: Line[] = [];
  if (child.stdout !== null) {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line;
      all.push(line);
      seen(line);
    }
  }
  return { lines: all, code: await closed, err };
}

/** A call that has to succeed. */
async function saccade(args: readonly string[], path?: string): Promise<Line[]> {
  const done = await lines(start(args, path));
  expect(done.code, done.err + JSON.stringify(done.lines)).toBe(0);
  return done.lines;
}

const sweepFile = {
  name: "tiny",
  datasets: { hands: "clips", drawings: join(assetsDir, "demo", "pictures") },
  base: {
    dataset: { name: "hands" },
    source: { dataset: "drawings" },
    model: { params: { preset: "nano" } },
    labels: { perClass: 1 },
    split: { test: 0.1, validation: 0 },
    epochs: 1,
    batchSize: 4,
    backend: "wasm",
  },
  parts: [
    {
      id: "methods",
      seeds: [1, 2],
      baseline: "scratch",
      variants: [
        { id: "scratch", set: { transfer: "scratch", source: null } },
        { id: "sliding", set: { transfer: "sliding-kt" } },
      ],
      curves: [{ metric: "cka" }],
    },
  ],
};
const common = (out: string, file = "pair", workspace = "workspace"): readonly string[] => [
  ...["sweep", at(`${file}.json`), "--out", at(out), "--workspace", at(workspace)],
];

const results = async (out: string): Promise<readonly string[]> => readdir(at(out, "results")).catch(() => []);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-sweep-"));
  await saccade(["dataset", "export", "clips", at("clips"), "--as", "folder-per-class"]);
  await writeFile(at("tiny.json"), JSON.stringify(sweepFile));
  // One seed only, for what needs no more. Another name, so that it finds none of the runs of the other.
  const parts = sweepFile.parts.map((part) => ({ ...part, seeds: [1] }));
  await writeFile(at("pair.json"), JSON.stringify({ ...sweepFile, name: "pair", parts }));
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("saccade sweep", () => {
  it("goes on after a kill where it was, and repeats nothing", { timeout: TIMEOUT_MS }, async () => {
    const child = start(common("out", "tiny"));
    let kept = "";
    const killed = await lines(child, (line) => {
      if (line["kind"] !== "run" || kept !== "") return;
      kept = String(line["key"]);
      // In the middle of the next run.
      setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), 300);
    });
    expect(kept).not.toBe("");
    expect(killed.lines.at(-1)?.["kind"]).toBe("run");
    const before = await readFile(at("out", "results", `${kept}.json`), "utf8");

    const told = await saccade([...common("out", "tiny"), "--report", at("report")]);
    const keys = told.flatMap((line) => (line["kind"] === "run" ? [String(line["key"])] : []));
    expect(keys).not.toContain(kept);
    expect(new Set([...keys, ...(await results("out")).map((name) => name.replace(".json", ""))]).size).toBe(4);
    expect(await readFile(at("out", "results", `${kept}.json`), "utf8")).toBe(before);
    const table = told.at(-1) as { readonly kind: string; readonly parts: readonly [{ readonly cells: readonly Line[] }] };
    expect(table).toMatchObject({ kind: "table", finished: 4, total: 4 });
    expect(table.parts[0].cells).toMatchObject([
      { variant: "scratch", seeds: 2 },
      { variant: "sliding", seeds: 2, difference: { pairs: 2 } },
    ]);
    const [runs] = (await saccade(["runs", "--workspace", at("workspace")])) as unknown as [{ readonly state: string }[]];
    expect(runs.filter(({ state }) => state === "done")).toHaveLength(4); // no run was carried out twice
    const report = await readFile(at("report", "README.md"), "utf8");
    expect(report).toContain("4 of 4 runs are finished");
    expect(await readdir(at("report"))).toContain("methods-cka.svg");

    expect((await saccade(common("out", "tiny"))).map(({ kind }) => kind)).toEqual(["table"]);
  });

  it("stops at Ctrl-C with what is done", { timeout: TIMEOUT_MS }, async () => {
    const child = start(common("out-stopped", "pair", "workspace-stopped"));
    const stopped = await lines(child, (line) => {
      if (line["kind"] === "run") child.kill("SIGINT");
    });
    expect(stopped.code, stopped.err).toBe(130);
    const finished = stopped.lines.filter(({ kind }) => kind === "run").length;
    expect(finished).toBe(1);
    expect(await results("out-stopped")).toHaveLength(finished);
    expect(stopped.lines.at(-1)).toMatchObject({ kind: "table", finished });
  });

  it("deals the runs to several processes", { timeout: TIMEOUT_MS }, async () => {
    const told = await saccade([...common("out-jobs"), "--jobs", "2"]);
    expect(told.filter(({ kind }) => kind === "run")).toHaveLength(2);
    expect(told.at(-1)).toMatchObject({ kind: "table", finished: 2 });
    expect((await readdir(at("out-jobs", "workspaces"))).toSorted()).toEqual(["0", "1"]);
  });

  it("hands a job array to sbatch, whose tasks carry out their share", { timeout: TIMEOUT_MS }, async () => {
    // What stands in for Slurm: it keeps the script and answers with a job number, as sbatch --parsable does.
    await mkdir(at("bin"));
    await writeFile(
      at("bin", "sbatch"),
      `#!/bin/sh\n[ "$1" = --parsable ] || exit 2\ncp "$2" "${at("handed-over")}"\necho "4242;here"\n`,
    );
    await chmod(at("bin", "sbatch"), 0o755);
    const path = `${at("bin")}${delimiter}${process.env["PATH"] ?? ""}`;
    const told = await saccade([...common("out-slurm"), "--executor", "slurm", "--tasks", "2", "--sbatch=--partition=gpu"], path);
    expect(told).toEqual([{ kind: "submitted", script: at("out-slurm", "sweep.sbatch"), tasks: 2, job: "4242" }]);
    const script = await readFile(at("handed-over"), "utf8");
    expect(script).toContain("#SBATCH --array=0-1\n");
    expect(script).toContain("#SBATCH --partition=gpu\n");
    expect(await results("out-slurm")).toEqual([]);

    const task = spawn("bash", [at("handed-over")], {
      env: { ...process.env, SLURM_ARRAY_TASK_ID: "1", SACCADE_HOME: at("home"), NODE_ENV: "production" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const done = await lines(task);
    expect(done.code, done.err).toBe(0);
    expect(done.lines.map(({ kind }) => kind)).toEqual(["run"]);
    const [table] = await saccade([...common("out-slurm"), "--collect"]);
    expect(table).toMatchObject({ kind: "table", finished: 1, total: 2 });
  });

  it("says what a cluster refuses, and writes the job array where there is none", { timeout: TIMEOUT_MS }, async () => {
    await writeFile(at("bin", "sbatch"), '#!/bin/sh\necho "invalid partition specified: gpu" >&2\nexit 1\n');
    const slurm = [...common("out-refused"), "--executor", "slurm"];
    const refused = await lines(start(slurm, `${at("bin")}${delimiter}${process.env["PATH"] ?? ""}`));
    expect(refused.code).toBe(1);
    expect(refused.lines.at(-1)).toMatchObject({
      error: { message: expect.stringContaining("invalid partition specified") as string },
    });
    await rm(at("bin", "sbatch"));
    const [written] = await saccade(slurm, at("bin"));
    expect(written).toEqual({ kind: "submitted", script: at("out-refused", "sweep.sbatch"), tasks: 2 });
  });

  it("names a run that fails and goes on with the others", { timeout: TIMEOUT_MS }, async () => {
    const variants = [{ id: "lost", set: { "labels.perClass": 1, "source.dataset": "nowhere" } }];
    await writeFile(
      at("failing.json"),
      JSON.stringify({ ...sweepFile, name: "failing", parts: [{ id: "a", seeds: [1], variants }] }),
    );
    const failed = await lines(start(["sweep", at("failing.json"), "--workspace", at("workspace")]));
    expect(failed.code).toBe(1);
    expect(failed.lines).toMatchObject([
      { kind: "failed", error: { message: expect.stringContaining("nowhere") as string } },
      { kind: "table", finished: 0 },
    ]);
  });
});
