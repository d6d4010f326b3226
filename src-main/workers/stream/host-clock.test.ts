import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { readSidecar, writeSidecar, type Sidecar } from "#main/lib/sidecar.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { rowsFrom } from "#main/units/codecs/testing/files.ts";
import { createEvk4 } from "#main/units/drivers/evk4/evk4.ts";
import { bench } from "#main/units/drivers/testing/bench.ts";
import { ownCameras } from "#main/units/drivers/testing/own-cameras.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { packetOf } from "#main/units/encodings/testing/events.ts";
import { openCameraStream } from "./camera-stream.ts";
import { convertRecording } from "./convert.ts";
import { HostClock } from "./host-clock.ts";

/** Delays as a busy connection has them: a floor that never changes, mostly some hundreds of µs more, now and then very much. */
function delays(seed: number, floorUs: number): () => number {
  const random = seeded(seed);
  return () => floorUs - 400 * Math.log(1 - random()) + (random() < 0.02 ? 30_000 * random() : 0);
}

/** What the estimator says of a clock of known offset and drift. */
function measured(offsetUs: number, driftPpm: number, seconds: number, everyUs: number): HostClock {
  const clock = new HostClock();
  const delay = delays(3, 150);
  for (let host = 0; host < seconds * 1e6; host += everyUs) {
    clock.add(Math.round((host - offsetUs) * (1 + driftPpm * 1e-6)), Math.round(1e9 + host + delay()));
  }
  return clock;
}

describe("a camera's clock against this machine's", () => {
  it.each([
    [0, 0],
    [123_456, 35],
    [-9_876_543, -120],
    [5_000_000, 1000],
  ])("offset %i µs, drift %i ppm: found within 300 µs and 2 ppm over a minute", (offsetUs, driftPpm) => {
    const estimate = measured(offsetUs, driftPpm, 60, 1000).estimate()!;
    expect(Math.abs(estimate.driftPpm - driftPpm)).toBeLessThan(2);
    const trueHost = 1e9 + offsetUs + estimate.t / (1 + driftPpm * 1e-6);
    // The smallest delay there is cannot be told from an offset.
    expect(Math.abs(estimate.hostUs - trueHost - 150)).toBeLessThan(150);
  });

  it("keeps the same accuracy over hours in the same memory", () => {
    const estimate = measured(1000, 20, 7200, 50_000).estimate()!;
    expect(Math.abs(estimate.driftPpm - 20)).toBeLessThan(0.1);
    expect(estimate.spanUs).toBeGreaterThan(7190e6);
  });

  it("says nothing while it knows too little", () => {
    expect(new HostClock().estimate()).toBeUndefined();
    expect(measured(0, 0, 0.3, 1000).estimate()).toBeUndefined();
  });
});

describe("two cameras, recorded together", () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "saccade-clocks-"))));
  afterAll(() => rm(folder, { recursive: true }));

  /** An emulated EVK4 on a clock of its own, in a time that passes as fast as it is read. */
  async function onItsOwnClock(offsetUs: number, driftPpm: number, seed: number) {
    const encoder = evt3.createEncoder({ width: 1280, height: 720 });
    const delay = delays(seed, 200);
    let host = 50_000_000;
    let late = 0;
    let running = false;
    const feed = {
      paced: true as const,
      next: () => {
        if (!running) return new Uint8Array(0);
        host += 4000;
        late = delay();
        const t = Math.round((host - offsetUs) * (1 + driftPpm * 1e-6));
        return encoder.encode(packetOf([[t, 5, 5, 1]])).slice();
      },
    };
    const { driver } = bench(createEvk4, { transcript: ownCameras.evk4.transcript, model: ownCameras.evk4.model(), feed });
    const [device] = await driver.list();
    const stream = await openCameraStream(driver, device!, {}, { hostTimeUs: () => Math.round(host + late), ringBytes: 1 << 22 });
    return { stream, run: (on: boolean) => void (running = on) };
  }

  it("have different offsets and drifts, and both are found and kept beside the files", async () => {
    const truth = [
      { offsetUs: 41_000_000, driftPpm: 60 },
      { offsetUs: 47_300_000, driftPpm: -25 },
    ];
    const cameras = await Promise.all(truth.map(({ offsetUs, driftPpm }, i) => onItsOwnClock(offsetUs, driftPpm, 5 + i)));
    const paths = truth.map((_, i) => join(folder, `camera-${i}.raw`));
    await Promise.all(
      cameras.map(({ stream }, i) => stream.record({ path: paths[i]!, together: { id: "abc", hostUs: 50_000_000 } })),
    );
    for (const { run } of cameras) run(true);
    for (const { stream } of cameras) for await (const { clock } of stream.status()) if ((clock?.spanUs ?? 0) > 8_000_000) break;
    for (const { run } of cameras) run(false);
    const results = await Promise.all(cameras.map(({ stream }) => stream.stopRecording()));
    for (const [i, { offsetUs, driftPpm }] of truth.entries()) {
      const sidecar = await readSidecar(paths[i]!);
      expect(sidecar).toMatchObject({ together: { id: "abc" }, metadata: { recorded_together: "abc" } });
      expect(sidecar?.clock).toEqual(results[i]!.clock);
      const { t, hostUs, driftPpm: found } = sidecar!.clock!;
      expect(Math.abs(found - driftPpm)).toBeLessThan(25);
      expect(Math.abs(hostUs - (offsetUs + t / (1 + driftPpm * 1e-6)))).toBeLessThan(700);
    }
    await Promise.all(cameras.map(({ stream }) => stream.close()));

    // Brought to one time, what happened together is together again: the k-th event of each camera was sent at the same moment.
    const times: number[][] = [];
    for (const [i, path] of paths.entries()) {
      const output = join(folder, `common-${i}.raw`);
      for await (const step of convertRecording({ input: path, output, commonTime: true }, new AbortController().signal))
        if (step.kind === "done") expect(step.events).toBe(results[i]!.events);
      const { recording } = await openRecording(output);
      times.push((await rowsFrom(recording.read({}))).map(([t]) => t));
      await recording.close();
    }
    const both = Math.min(...times.map(({ length }) => length));
    expect(both).toBeGreaterThan(1900);
    for (let k = 0; k < both; k++) {
      const [a, b] = times.map((list) => list[k]!) as [number, number];
      expect(Math.abs(a - b)).toBeLessThan(1000);
      expect(Math.abs(a - (1_000_000 + 4000 * (k + 1)))).toBeLessThan(1000);
    }
    await writeSidecar(paths[0]!, { ...(await readSidecar(paths[0]!))!, together: undefined } as unknown as Sidecar);
    const alone = convertRecording(
      { input: paths[0]!, output: join(folder, "alone.raw"), commonTime: true },
      new AbortController().signal,
    );
    await expect(alone.next()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/recorded alone/) as string,
    });
  }, 30_000);
});
