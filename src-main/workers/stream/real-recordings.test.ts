import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { openRecordingStream } from "./recording-stream.ts";
import { createStreamWorker } from "./worker.ts";

const data = sharedData();
const { api } = createStreamWorker({ cacheDir: undefined });

async function pictureAt(path: string, t: number, windowUs: number, cacheDir: string): Promise<number> {
  const stream = await openRecordingStream(path, { cacheDir });
  try {
    await stream.seek(t);
    for await (const frame of stream.view({ windowUs })) {
      if (frame.t === t) return frame.kind === "events" ? frame.packet.words.length / 2 : frame.events;
    }
    throw new Error("no frame");
  } finally {
    await stream.close();
  }
}

describe.skipIf(data === undefined)("real recordings (needs the reference data)", () => {
  let cacheDir: string;
  let samples: string;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "saccade-real-"));
    samples = join(data!, "samples", "evt3");
  });
  afterAll(() => rm(cacheDir, { recursive: true }));

  it("a picture after a seek holds what a full read finds there, also behind a turn of the counter", async () => {
    for (const name of ["expelliarmus_evt3_sample.raw", "trigger_640x480.raw", "rollover.raw"]) {
      const path = join(samples, name);
      const { range, monotonic } = await api.inspect(path, { digest: false });
      const times: number[] = [];
      const { recording } = await openRecording(path);
      for await (const { t0, words } of recording.read({})) for (let i = 0; i < words.length; i += 2) times.push(t0 + words[i]!);
      await recording.close();
      for (const share of [0.1, 0.5, 0.97]) {
        const t = Math.round(range.start + share * (range.end - range.start));
        const wanted = times.filter((time) => time >= t - 20_000 && time < t).length;
        const found = await pictureAt(path, t, 20_000, cacheDir);
        // Where times step back by some µs, an event at the edge may fall to either side.
        if (monotonic) expect(found).toBe(wanted);
        else expect(Math.abs(found - wanted)).toBeLessThan(100);
      }
    }
  });

  it("thumbnails, rates and conversion agree with what is in the file", async () => {
    const path = join(samples, "trigger_640x480.raw");
    const found = await api.inspect(path, { digest: true });
    const strip = await api.rate(path, 300);
    expect(strip.on.reduce((sum, count) => sum + count, 0)).toBe(found.on);
    expect(strip.off.reduce((sum, count) => sum + count, 0)).toBe(found.off);
    const film = await api.thumbnail(path, undefined, { width: 160, height: 160, frames: 10 });
    expect(film).toMatchObject({ width: 160, height: 120 });
    expect(film.pixels.some((value) => value !== 0)).toBe(true);
    const output = join(cacheDir, "copy.raw");
    for await (const step of api.convert({ input: path, output }))
      if (step.kind === "done") expect(step.events).toBe(found.events);
    expect((await api.inspect(output, { digest: true })).digest).toBe(found.digest);
  });

  it("finds the data set and shows its pictures", async () => {
    const root = join(data!, "datasets", "nmnist-mnist-pairs");
    const events = await api.findDataset(join(root, "nmnist"), undefined);
    expect(events).toMatchObject({ kind: "events", sensor: { width: 34, height: 34 } });
    expect(events.classes).toHaveLength(10);
    const clip = events.samples[0]!;
    const thumbnail = await api.thumbnail(join(root, "nmnist", clip.path), undefined, { width: 34, height: 34, frames: 1 });
    expect(thumbnail.pixels.filter((value) => value !== 0).length).toBeGreaterThan(50);
    const pictures = await api.findDataset(join(root, "mnist"), undefined);
    expect(pictures).toMatchObject({ kind: "images" });
    const sample = pictures.samples[0]!;
    const { width, height, rgba } = await api.picture(join(root, "mnist", sample.path), sample.index, 64);
    expect([width, height, rgba.length]).toEqual([28, 28, 28 * 28 * 4]);
    await expect(api.findDataset(cacheDir, undefined)).rejects.toMatchObject({ code: "unknown-format" });
  });
});
