import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "#shared/api/run.ts";
import {
  all,
  api,
  conductor,
  engine,
  folder,
  host,
  labelled,
  open,
  put,
  reopen,
  spec,
  stateOf,
  until,
  useEngine,
} from "./testing/engine-bench.ts";

useEngine();

describe("runs", () => {
  const epoch = (number: number): RunEvent => ({
    kind: "epoch",
    phase: "training",
    epoch: number,
    epochs: 3,
    metrics: { trainLoss: 1, trainAccuracy: 0.5, validationAccuracy: number / 10 },
    secondsLeft: 9,
  });

  it("refuses what cannot work before anything is started", async () => {
    await labelled(5);
    await expect(api.runs.preview({ ...spec, epoch: 1 } as never)).rejects.toMatchObject({
      code: "bad-spec",
      hint: 'Did you mean "epochs"?',
    });
    await expect(api.runs.start({ dataset: { name: "nothing" } })).rejects.toMatchObject({ code: "not-found" });
    await expect(api.runs.start({ ...spec, neuron: "axon" })).rejects.toMatchObject({ code: "unknown-unit" });
    await expect(api.runs.start({ ...spec, source: { dataset: "clips" } })).rejects.toMatchObject({ code: "bad-spec" });
    await expect(api.runs.start({ ...spec, source: { model: "m" } })).rejects.toMatchObject({ code: "bad-spec" });
    await api.library.edit({ kind: "add-class", name: "Scissors" });
    await expect(api.runs.start(spec)).rejects.toMatchObject({ message: "No clip to train on for the class Scissors" });
    expect(await api.runs.list()).toEqual([]);
  });

  it("carries out one at a time, writes what happens, and replays it", async () => {
    await labelled(5);
    await Promise.all(["Rock", "Paper"].map((name) => put(`pictures/${name}.png`)));
    await api.datasets.add(join(folder, "pictures"), { name: "pictures" });
    expect(await api.runs.preview({ ...spec, source: { dataset: "pictures" } })).toMatchObject({
      classes: ["Rock", "Paper"],
      perClass: [
        { label: "Rock", train: 3, validation: 1, test: 1, source: 3 },
        { label: "Paper", train: 3, validation: 1, test: 1, source: 3 },
      ],
      spec: { transfer: { id: "sliding-kt" } },
    });
    const first = await api.runs.start(spec);
    const second = await api.runs.start({ ...spec, name: "second" });
    const live = all(api.runs.watch(first));
    await until(async () => (await stateOf(first)) === "running");
    expect(await stateOf(second)).toBe("queued");
    expect(conductor.jobs).toHaveLength(1);
    expect(conductor.jobs[0]).toMatchObject({ runId: first, resume: false, modelDir: join(folder, "ws", "models", first) });
    conductor.say(epoch(1), epoch(2), { kind: "state", state: "done", model: first, metrics: { testAccuracy: 0.9 } }, "end");
    const events = await live;
    expect(events.map((event) => (event.kind === "state" ? event.state : event.kind))).toEqual([
      "queued",
      "running",
      "epoch",
      "epoch",
      "done",
    ]);
    expect(events.at(-1)).toMatchObject({
      kind: "state",
      state: "done",
      run: first,
      model: first,
      metrics: { testAccuracy: 0.9 },
    });
    expect(await all(api.runs.watch(first, 2))).toEqual(events.slice(2));
    expect((await readFile(join(folder, "ws", "runs", first, "events.jsonl"), "utf8")).trim().split("\n")).toHaveLength(5);
    await until(async () => (await stateOf(second)) === "running");
    expect((await api.runs.list()).find(({ id }) => id === first)).toMatchObject({
      ...{ state: "done", epoch: 2, bestAccuracy: 0.2, testAccuracy: 0.9, classes: ["Rock", "Paper"], resumable: false },
    });
    const saved: unknown = JSON.parse(await readFile(join(folder, "ws", "runs", first, "run.json"), "utf8"));
    expect((await api.runs.preview(saved as typeof spec)).warnings).not.toContain(
      "The data set clips has changed since this run file was written.",
    );
    await api.runs.stop(second);
    expect(await stateOf(second)).toBe("stopped");
    await api.runs.remove(second);
    expect((await api.runs.list()).map(({ id }) => id)).toEqual([first]);
  });

  it("fails a run whose worker dies, and goes on from its checkpoint when asked", async () => {
    await labelled(5);
    const id = await api.runs.start(spec);
    const watched = all(api.runs.watch(id));
    await until(() => conductor.jobs.length === 1);
    conductor.say(epoch(1), { kind: "checkpoint", epoch: 1, path: "last.ckpt", best: true });
    await until(async () => (await api.runs.list())[0]?.epoch === 1);
    host.last("compute").crash("it was ended by SIGKILL");
    expect((await watched).at(-1)).toMatchObject({
      state: "failed",
      error: { message: "The compute worker ended in the middle of it: it was ended by SIGKILL" },
    });
    await until(async () => (await api.runs.list())[0]?.resumable === true);
    expect(await api.runs.resume(id)).toBe(id);
    await until(() => conductor.jobs.length === 2);
    expect(conductor.jobs[1]).toMatchObject({ runId: id, resume: true });
    conductor.say({ kind: "state", state: "done" }, "end");
    await until(async () => (await stateOf(id)) === "done");
    await expect(api.runs.resume(id)).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("finds runs that an end of the application has cut off, and cuts off a torn line", async () => {
    await labelled(5);
    const id = await api.runs.start(spec);
    const queued = await api.runs.start(spec);
    await until(() => conductor.jobs.length === 1);
    // What a crash leaves behind: a run that says "running", one that says "queued", and half a line.
    const files = [id, queued].map((name) => join(folder, "ws", "runs", name, "events.jsonl"));
    const before = await Promise.all(files.map((file) => readFile(file, "utf8")));
    await engine.close();
    await Promise.all(files.map((file, index) => writeFile(file, before[index] ?? "")));
    await appendFile(files[0] ?? "", '{"kind":"step","pha');
    await open();
    const events = await all(api.runs.watch(id));
    expect(events.map((event) => (event.kind === "state" ? event.state : event.kind))).toEqual(["queued", "running", "stopped"]);
    expect(events.at(-1)).toMatchObject({ error: { message: "The application ended in the middle of the run" } });
    expect((await api.runs.list()).map(({ state, resumable }) => [state, resumable])).toEqual([
      ["stopped", true],
      ["stopped", true],
    ]);
    expect(conductor.jobs).toEqual([]); // nothing starts by itself
  });

  it("keeps the workspace while it computes, and stops keeping what it has when the application closes", async () => {
    await labelled(5);
    const id = await api.runs.start(spec);
    await until(() => conductor.jobs.length === 1);
    await expect(api.workspace.open(join(folder, "other"))).rejects.toMatchObject({ code: "busy" });
    await expect(api.runs.remove(id)).rejects.toMatchObject({ code: "busy" });
    await reopen();
    const events = await all(api.runs.watch(id));
    expect(events.slice(-2).map(({ kind }) => kind)).toEqual(["checkpoint", "state"]);
    expect(await stateOf(id)).toBe("stopped");
  });

  it("gives a run with another backend a process of its own", async () => {
    await labelled(5);
    const run = async (backend: string): Promise<void> => {
      const id = await api.runs.start({ ...spec, backend });
      const jobs = conductor.jobs.length;
      await until(() => conductor.jobs.length > jobs - 1 && conductor.jobs.at(-1)?.runId === id);
      conductor.say({ kind: "state", state: "done" }, "end");
      await until(async () => (await stateOf(id)) === "done");
    };
    await run("js");
    const first = host.last("compute");
    await run("js");
    expect(host.last("compute")).toBe(first);
    await run("wasm");
    expect(first.alive).toBe(false);
  });
});
