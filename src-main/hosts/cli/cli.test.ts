import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PNG } from "pngjs";
import { rootDir } from "#main/lib/paths.ts";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import type { TrainingTimes } from "./time-training.ts";

/*
 * The command line from outside: a process for every call, a workspace of its own, the virtual camera as the source.
 */

interface Result {
  readonly code: number | null;
  readonly out: Buffer;
  readonly err: string;
}

let folder: string;
const at = (name: string): string => join(folder, name);

function saccade(args: readonly string[], after?: { readonly ms: number; readonly signal: NodeJS.Signals }): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(rootDir, "bin", "saccade.js"), ...args], {
      env: { ...process.env, SACCADE_HOME: at("home"), NODE_ENV: "production" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: after !== undefined, // a group of its own, which gets the signal as a whole: so does a terminal
    });
    const chunks: Buffer[] = [];
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out: Buffer.concat(chunks), err }));
    if (after !== undefined) setTimeout(() => process.kill(-(child.pid ?? 0), after.signal), after.ms);
  });
}

/** The lines of stdout as JSON; fails when anything else is there. */
const jsonLines = ({ out }: Result): Record<string, unknown>[] =>
  out
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A call that has to succeed, in the test's workspace. */
async function json(...args: string[]): Promise<Record<string, unknown>[]> {
  const result = await saccade(["--workspace", at("workspace"), "--json", ...args]);
  expect(result.code, result.err + result.out.toString()).toBe(0);
  return jsonLines(result);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-cli-"));
  const [result] = await json("record", "virtual-hands", at("a.raw"), "--seconds", "1");
  expect(result).toMatchObject({ dropped: expect.any(Number) as number, peakBacklogBytes: expect.any(Number) as number });
  expect(result?.["events"]).toBeGreaterThan(1000);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("files", () => {
  it("info: the object of the contract, and a digest that is the one of the printed events", async () => {
    const [info] = await json("info", "--digest", at("a.raw"));
    const records = (await saccade(["events", "--binary", at("a.raw")])).out;
    expect(info).toMatchObject({
      path: at("a.raw"),
      codec: "prophesee-raw",
      encoding: "evt3",
      sensor: { width: 128, height: 128 },
      events: records.length / 13,
      monotonic: true,
      damage: [],
      orientation: { flipX: false, flipY: false, swapXY: false, invertP: false },
      digest: createHash("sha256").update(records).digest("hex"),
    });
    expect(info?.["first"]).toHaveLength(3);
    expect(Number(info?.["on"]) + Number(info?.["off"])).toBe(info?.["events"]);
  });

  it("info: one line a file, and a file that cannot be read hides no other", async () => {
    await writeFile(at("broken.raw"), "not a recording");
    const result = await saccade(["info", "--json", at("a.raw"), at("broken.raw"), at("none.raw"), at("a.raw")]);
    expect(result.code).toBe(1);
    const lines = jsonLines(result);
    expect(lines.map(({ events }) => typeof events)).toEqual(["number", "undefined", "undefined", "number", "undefined"]);
    expect(lines[1]).toMatchObject({ path: at("broken.raw"), error: { code: "unknown-format" } });
    expect(lines[2]).toMatchObject({ path: at("none.raw"), error: { code: "not-found" } });
    expect(Object.keys(lines[4] ?? {})).toEqual(["error"]);
  });

  it("info: a file cut in the middle is described, and exit is 0", async () => {
    const whole = await readFile(at("a.raw"));
    await writeFile(at("cut.raw"), whole.subarray(0, -1));
    const [info] = await json("info", at("cut.raw"));
    expect(info?.["damage"]).not.toEqual([]);
    expect(info?.["events"]).toBeGreaterThan(100);
  });

  it("convert: cuts in time and space, and never replaces", async () => {
    const [info] = await json("info", at("a.raw"));
    const start = (info?.["range"] as { start: number }).start;
    const [done] = await json(
      "convert",
      at("a.raw"),
      at("b.raw"),
      "--from",
      String(start),
      "--to",
      String(start + 300_000),
      "--roi",
      "32,16,64,64",
    );
    expect(done).toMatchObject({ dropped: 0 });
    expect(done?.["events"]).toBeLessThan(Number(info?.["events"]));
    const [cut] = await json("info", at("b.raw"));
    expect(cut).toMatchObject({ events: done?.["events"], bytes: done?.["bytes"] });
    expect((cut?.["range"] as { end: number }).end).toBeLessThanOrEqual(start + 300_000);
    const before = await readFile(at("b.raw"));
    const again = await saccade(["convert", at("a.raw"), at("b.raw"), "--json"]);
    expect(again.code).toBe(1);
    expect(jsonLines(again).at(-1)).toMatchObject({ error: { code: "exists" } });
    expect(await readFile(at("b.raw"))).toEqual(before);
    await json("convert", at("a.raw"), at("b.raw"), "--overwrite", "--to", String(start + 300_000), "--roi", "32,16,64,64");
    expect(await readFile(at("b.raw"))).toEqual(before);
  });

  it("events: lines and records say the same, a range is half-open", async () => {
    const lines = (await saccade(["events", at("b.raw")])).out.toString().trim().split("\n");
    const records = (await saccade(["events", "--binary", at("b.raw")])).out;
    expect(lines).toHaveLength(records.length / 13);
    const [t, x, y, p] = (lines[10] ?? "").split(",").map(Number);
    const view = new DataView(records.buffer, records.byteOffset + 130);
    expect([Number(view.getBigInt64(0, true)), view.getUint16(8, true), view.getUint16(10, true), view.getUint8(12)]).toEqual([
      t,
      x,
      y,
      p,
    ]);
    const times = lines.map((line) => Number(line.split(",")[0]));
    const [from, to] = [times[5]!, times[50]!];
    const part = (await saccade(["events", at("b.raw"), "--from", String(from), "--to", String(to)])).out
      .toString()
      .trim()
      .split("\n");
    expect(part).toHaveLength(times.filter((time) => time >= from && time < to).length);
  });
});

describe("workspace", () => {
  it("labels a recording and gives the labels back", async () => {
    const [info] = await json("info", at("a.raw"));
    const { start } = info?.["range"] as { start: number };
    await writeFile(
      at("labels.csv"),
      `start_us,end_us,class,subject\n${start},${start + 100_000},rock,anna\n${start + 100_000},${start + 200_000},paper,ben\n`,
    );
    const [labelled] = await json("label", at("a.raw"), "--segments", at("labels.csv"));
    expect(labelled?.["segments"]).toBeGreaterThanOrEqual(2);
    const [exported] = await json("labels", "export", at("a.raw"));
    const csv = String(exported?.["csv"]);
    expect(csv).toContain(`${start},${start + 100_000},rock,anna`);
    expect(csv).toContain(`${start + 100_000},${start + 200_000},paper,ben`);
  });

  it("lists cameras with the virtual ones, data sets, runs and models of an empty workspace", async () => {
    const [cameras] = (await json("cameras")) as unknown as [{ id: string; state: string }[]];
    expect(cameras.find(({ id }) => id === "virtual-hands")).toMatchObject({ driver: "virtual", state: "ready" });
    expect(await json("runs")).toEqual([[]]);
    expect(await json("models")).toEqual([[]]);
    expect(await json("dataset", "list")).toHaveLength(1);
  });

  it("doctor: one document with every backend tried for real", async () => {
    const [report] = await json("doctor");
    expect(report).toMatchObject({
      node: process.version,
      electron: { found: expect.any(Boolean) as boolean },
      workspace: { path: at("workspace") },
    });
    expect(report?.["backends"]).toContainEqual(expect.objectContaining({ id: "js", ok: true }));
  });

  it("train: refuses what cannot work, with the reason", async () => {
    await writeFile(at("run.json"), '{"dataset":{"name":"nothing"}}');
    const result = await saccade(["--workspace", at("workspace"), "train", at("run.json"), "--json"]);
    expect(result.code).toBe(1);
    expect(jsonLines(result).at(-1)).toMatchObject({ error: { message: expect.stringContaining("nothing") as string } });
    await writeFile(at("run.json"), "{");
    expect(await saccade(["train", at("run.json")])).toMatchObject({
      code: 1,
      err: expect.stringContaining("is not JSON") as string,
    });
    expect(await saccade(["train"])).toMatchObject({ code: 2 });
  });

  it("evaluate and classify name the model that is not there", async () => {
    for (const args of [
      ["evaluate", "none"],
      ["classify", "none", at("a.raw")],
    ]) {
      const result = await saccade(["--workspace", at("workspace"), "--json", ...args]);
      expect(result.code).toBe(1);
      expect(jsonLines(result).at(-1)).toMatchObject({ error: { code: "not-found" } });
    }
  });
});

describe("several cameras", () => {
  it("are recorded together, with what is known of their clocks, and brought to one time", async () => {
    const [result] = await json("record", "virtual-hands", "virtual-hands", at("pair"), "--seconds", "1.5");
    const takes = result?.["takes"] as { readonly path: string; readonly events: number; readonly clock?: { spanUs: number } }[];
    expect(result).toMatchObject({ together: { id: expect.stringMatching(/^[0-9a-f]{12}$/) as string } });
    expect(takes.map(({ path }) => path)).toEqual([at("pair/virtual-hands.raw"), at("pair/virtual-hands-2.raw")]);
    for (const { path, clock, events } of takes) {
      expect(clock?.spanUs).toBeGreaterThan(500_000);
      const [info] = await json("info", path);
      expect(info).toMatchObject({
        events,
        damage: [],
        metadata: { recorded_together: (result?.["together"] as { id: string }).id },
      });
      const output = path.replace(".raw", "-common.raw");
      await json("convert", path, output, "--common-time");
      const [common] = await json("info", output);
      const { start } = common?.["range"] as { start: number };
      // Both begin a second after common time does, give or take what opening and sending takes.
      expect(start).toBeGreaterThan(700_000);
      expect(start).toBeLessThan(5_000_000);
    }
    const alone = await saccade(["convert", at("a.raw"), at("a-common.raw"), "--common-time"]);
    expect([alone.code, alone.err]).toEqual([1, expect.stringContaining("recorded alone") as string]);
  });
});

describe("Ctrl-C", () => {
  it("closes a recording properly", async () => {
    const result = await saccade(["record", "virtual-hands", at("open-end.raw"), "--json"], { ms: 4000, signal: "SIGINT" });
    expect(result.code, result.err).toBe(130);
    const [done] = jsonLines(result);
    const [info] = await json("info", at("open-end.raw"));
    expect(info).toMatchObject({ events: done?.["events"], bytes: done?.["bytes"], damage: [] });
  });
});

it("ends quietly when nobody reads on", async () => {
  const result = await new Promise<{ code: number | null; err: string }>((resolve) => {
    const child = spawn(process.execPath, [join(rootDir, "bin", "saccade.js"), "events", at("a.raw")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    child.on("close", (code) => resolve({ code, err }));
  });
  expect(result).toEqual({ code: 0, err: "" });
});

describe("bench", () => {
  it("decode: figures that fit each other", async () => {
    const [figures] = await json("bench", "decode", at("a.raw"));
    const { events, seconds, eventsPerSecond, rounds } = figures as {
      events: number;
      seconds: { best: number; median: number };
      eventsPerSecond: number;
      rounds: number;
    };
    expect(rounds).toBeGreaterThanOrEqual(3);
    expect(seconds.best).toBeLessThanOrEqual(seconds.median);
    expect(eventsPerSecond).toBeCloseTo(events / seconds.median, -1);
  });

  it("train: steps of one backend, and what it holds", async () => {
    const options = ["--backend", "wasm", "--network", "probe", "--rounds", "1", "--steps", "2", "--python", "no-such-python"];
    const [figures] = (await json("bench", "train", ...options)) as [{ networks: readonly TrainingTimes[] }];
    const [{ times, failed }] = figures.networks as [TrainingTimes];
    expect(failed).toEqual([{ id: "pytorch", reason: "no-such-python cannot import torch" }]);
    expect(times.map(({ id }) => id)).toEqual(["wasm"]);
    expect(times[0]!.fastestMs).toBeGreaterThan(0);
    expect(times[0]!.fastestMs).toBeLessThanOrEqual(times[0]!.medianMs);
    const [third, last] = times[0]!.memory!;
    expect(third!.tensors).toBeGreaterThan(0);
    expect({ ...last, step: 3 }).toEqual(third);
  });
});

describe("simulate", () => {
  it("makes a recording of a picture, marked as generated", async () => {
    const picture = new PNG({ width: 32, height: 32 });
    for (let i = 0; i < 32 * 32; i++)
      picture.data.fill(((i % 32) >> 3) % 2 === 0 ? 255 : 20, 4 * i, 4 * i + 3).fill(255, 4 * i + 3, 4 * i + 4);
    await writeFile(at("stripes.png"), PNG.sync.write(picture));
    const [done] = await json("simulate", at("stripes.png"), at("stripes.raw"));
    expect(done?.["events"]).toBeGreaterThan(0);
    const [info] = await json("info", at("stripes.raw"));
    expect(info).toMatchObject({ events: done?.["events"] });
    expect(JSON.stringify(info?.["metadata"])).toContain("generated");
  });
});

const data = sharedData();
describe.skipIf(data === undefined)("data sets, training, testing (the shared sample data are not here otherwise)", () => {
  it("goes from a folder of recordings to a model, its accuracy and its answers", async () => {
    const root = join(data ?? "", "datasets/nmnist-mnist-pairs");
    const [added] = await json("dataset", "add", join(root, "nmnist"), "--name", "digits");
    expect(added).toMatchObject({
      name: "digits",
      layout: "n-mnist",
      kind: "events",
      samples: 1090,
      sensor: { width: 34, height: 34 },
    });
    expect((await json("dataset", "show", "digits"))[0]).toMatchObject({ root: join(root, "nmnist") });
    await writeFile(
      at("run.json"),
      '{"dataset":{"name":"digits"},"transfer":{"id":"scratch"},"labels":{"perClass":1},"batchSize":10}',
    );
    const events = await json(
      "train",
      at("run.json"),
      "--set",
      "epochs=1",
      "--set",
      "model.params.preset=tiny",
      "--set",
      "split.validation=0.02",
      "--set",
      "split.test=0.02",
    );
    const last = events.at(-1) as { kind: string; state: string; run: string; model: string; metrics: Record<string, number> };
    expect(last).toMatchObject({ kind: "state", state: "done" });
    // Stopped before it began, the run is there to be resumed, and goes on where it was: told once, and to its end.
    const early = await saccade(["--workspace", at("workspace"), "--json", "train", at("run.json"), "--set", "epochs=2", "--set", "model.params.preset=tiny", "--set", "split.validation=0.02", "--set", "split.test=0.02"], { ms: 3000, signal: "SIGINT" }); // prettier-ignore
    expect(early.code, early.err).toBe(130);
    const stopped = jsonLines(early).at(-1) as { state: string; run: string };
    expect(stopped).toMatchObject({ kind: "state", state: "stopped" });
    const resumed = await json("train", "--resume", stopped.run);
    expect(resumed[0]).toMatchObject({ kind: "state", state: "queued" });
    expect(resumed.at(-1)).toMatchObject({ kind: "state", state: "done", run: stopped.run });
    const [runs] = (await json("runs")) as unknown as [{ id: string; state: string; spec: { epochs: number } }[]];
    expect(runs.find(({ id }) => id === last.run)).toMatchObject({ state: "done", spec: { epochs: 1 } });
    const [models] = (await json("models")) as unknown as [{ id: string }[]];
    expect(models.map(({ id }) => id)).toContain(last.model);
    const [tested] = await json("evaluate", last.model);
    expect(tested?.["accuracy"]).toBeCloseTo(last.metrics["testAccuracy"] ?? NaN, 6);
    const fields = ["samples", "perClass", "confusion", "accuracyInterval", "accuracyByStep", "windowUs", "spikesPerDecision", "synapticOperations", "inputOperations", "denseOperations", "energyMicrojoule", "latencyMs"]; // prettier-ignore
    for (const field of fields) expect(tested).toHaveProperty(field);
    const { low, high } = tested?.["accuracyInterval"] as { low: number; high: number };
    expect(low).toBeLessThanOrEqual(Number(tested?.["accuracy"]));
    expect(high).toBeGreaterThan(low);
    const clip = globSync(join(root, "nmnist/**/*.bin"))[0] ?? "";
    const answers = await json("classify", last.model, clip, "--window", "100ms", "--stride", "100ms");
    expect(answers.length).toBeGreaterThan(0);
    for (const { scores, label } of answers as { scores: number[]; label: string }[]) {
      expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
      expect(label).toBe(String(scores.indexOf(Math.max(...scores))));
    }
  }, 300_000);
});
