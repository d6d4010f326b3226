import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Backend, ProbeResult } from "./backend.ts";

type Select = (typeof import("./select.ts"))["selectBackend"];

let started: string[] = [];

function fake(id: string, rank: number, probe: ProbeResult, fails = false): Backend {
  return {
    id,
    label: id.toUpperCase(),
    summary: "A backend that only says it is one.",
    params: {},
    rank,
    probe: () => Promise.resolve(probe),
    start: () => {
      if (fails) return Promise.reject(new Error("the driver went away"));
      started.push(id);
      return Promise.resolve();
    },
  };
}

const ok = (device: string, rank?: number): ProbeResult =>
  rank === undefined ? { ok: true, device } : { ok: true, device, rank };
const no: ProbeResult = { ok: false, reason: "no such device", remedy: "Buy one." };

describe("choosing a backend", () => {
  let selectBackend: Select;
  beforeEach(async () => {
    started = [];
    vi.resetModules();
    ({ selectBackend } = await import("./select.ts"));
  });

  it("takes the best that works and says what did not", async () => {
    const chosen = await selectBackend("auto", [fake("slow", 1, ok("s")), fake("gpu", 50, no), fake("good", 20, ok("g"))]);
    expect(chosen).toEqual({ id: "good", device: "g", reason: "the fastest that works here (GPU: no such device)" });
    expect(started).toEqual(["good"]);
  });

  it("puts a software adapter below what its own rank would beat", async () => {
    const chosen = await selectBackend("auto", [fake("gpu", 40, ok("software", 5)), fake("cpu", 20, ok("c"))]);
    expect(chosen).toMatchObject({ id: "cpu", reason: "the fastest that works here (GPU: slower, as software)" });
  });

  it("still uses a software adapter when nothing else works", async () => {
    const chosen = await selectBackend("auto", [fake("gpu", 40, ok("software", 5)), fake("cpu", 20, no)]);
    expect(chosen.id).toBe("gpu");
  });

  it("goes on when one that probed well does not start", async () => {
    const chosen = await selectBackend("auto", [fake("gpu", 40, ok("g"), true), fake("cpu", 20, ok("c"))]);
    expect(chosen).toMatchObject({ id: "cpu", reason: "the fastest that works here (GPU: the driver went away)" });
  });

  it("never chooses rank 0 by itself", async () => {
    await expect(selectBackend("auto", [fake("js", 0, ok("j"))])).rejects.toMatchObject({ code: "no-backend" });
    expect((await selectBackend("js", [fake("js", 0, ok("j"))])).reason).toBe("asked for by name");
  });

  it("names reason and remedy of one that was asked for", async () => {
    await expect(selectBackend("gpu", [fake("gpu", 40, no)])).rejects.toMatchObject({
      code: "no-backend",
      message: "GPU cannot be used: no such device",
      hint: "Buy one.",
    });
    await expect(selectBackend("abacus", [fake("gpu", 40, no)])).rejects.toMatchObject({ code: "unknown-unit" });
    expect(started).toEqual([]);
  });

  it("keeps the running one", async () => {
    const all = [fake("cpu", 20, ok("c"))];
    await selectBackend("cpu", all);
    await selectBackend("auto", all);
    await selectBackend("cpu", all);
    expect(started).toEqual(["cpu"]);
  });

  it("starts it once when an estimate and a run ask at the same time, and after a refusal chooses again", async () => {
    const refused = selectBackend("auto", [fake("gpu", 50, no)]);
    const asked = [1, 2, 3].map(() => selectBackend("auto", [fake("good", 20, ok("g"))]));
    await expect(refused).rejects.toMatchObject({ code: "no-backend" });
    expect((await Promise.all(asked)).map(({ id }) => id)).toEqual(["good", "good", "good"]);
    expect(started).toEqual(["good"]);
  });
});
