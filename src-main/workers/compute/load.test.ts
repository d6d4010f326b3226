import { appendFile, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobSample } from "#shared/api/run.ts";
import { expectClose, vectors } from "#main/tensor/testing/vectors.ts";
import type { PictureOptions } from "#main/units/transfers/transfer.ts";
import { openClipCache } from "./clip-cache.ts";
import { parseIdx } from "./idx.ts";
import { loadClips, loadPictures, matchScale } from "./load.ts";
import { decodePicture, pictureFrame, type Picture } from "./pictures.ts";
import { resample } from "./resample.ts";
import { recipeOf } from "./spec.ts";
import { tinySamples, tinySpec } from "./testing/tiny-job.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-load-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const recipe = recipeOf(tinySpec({ transfer: { id: "sliding-kt" } }));
const kind = { representation: recipe.spec.representation, filters: recipe.spec.filters };
const firstOf = <T>(list: readonly T[]): T => {
  const [first] = list;
  if (first === undefined) throw new Error("an empty list");
  return first;
};

describe("clips", () => {
  it("come out of the cache as they went in, until the file changes", async () => {
    const { clips } = await tinySamples(folder, 2);
    const cacheDir = join(folder, "cache");
    const fresh = await loadClips({ train: clips }, recipe, cacheDir);
    const sample = firstOf(clips);
    const cached = async (of: JobSample) => {
      const cache = await openClipCache(cacheDir, kind);
      const clip = await cache.get(of);
      await cache.close();
      return clip;
    };
    const clip = await cached(sample);
    expect(clip?.values).toEqual(fresh.sets.train.values[0]);
    expect(clip).toMatchObject({ sensor: { width: 34, height: 34 } });
    expect(clip?.spanUs).toBe(fresh.report.windowUs);
    expect(await cached({ ...sample, range: { start: 0, end: 50_000 } })).toBeUndefined();
    await utimes(sample.path, new Date(), new Date(Date.now() + 60_000));
    expect(await cached(sample)).toBeUndefined();
  });

  it("that lie in one recording are each cut at their own times, and turned as the data set says", async () => {
    const { clips } = await tinySamples(folder, 1);
    const { path, ...rest } = firstOf(clips);
    const spans = [
      [0, 20_000],
      [20_000, 40_000],
      [10_000, 30_000],
    ].map(([start = 0, end = 0], index) => ({
      ...{ ...rest, path, id: `span ${index}`, range: { start, end } },
    }));
    const together = await loadClips({ train: spans }, recipe, undefined);
    for (const [index, span] of spans.entries()) {
      const alone = await loadClips({ train: [span] }, recipe, undefined);
      expect(together.sets.train.values[index]).toEqual(alone.sets.train.values[0]);
    }
    expect(together.sets.train.values[0]).not.toEqual(together.sets.train.values[1]);
    const turned = spans.map((span) => ({ ...span, answers: { invertP: "yes" } }));
    const cacheDir = join(folder, "cache");
    await loadClips({ train: spans }, recipe, cacheDir);
    const inverted = await loadClips({ train: turned }, recipe, cacheDir);
    const [upright, other] = [firstOf(together.sets.train.values), firstOf(inverted.sets.train.values)];
    for (let i = 0; i < upright.length; i += 2) {
      expect([other[i], other[i + 1]]).toEqual([upright[i + 1], upright[i]]);
    }
    expect(upright.some((value, i) => value !== other[i])).toBe(true);
  });

  it("survive a cache that was cut off or damaged", async () => {
    const { clips } = await tinySamples(folder, 2);
    const cacheDir = join(folder, "cache");
    const fresh = await loadClips({ train: clips }, recipe, cacheDir);
    const [name] = await readdir(join(cacheDir, "clips"));
    const path = join(cacheDir, "clips", name ?? "");
    const { length } = await readFile(path);
    await truncate(path, length - 100); // killed in the middle of the last record
    const again = await loadClips({ train: clips }, recipe, cacheDir);
    expect(again.sets.train.values).toEqual(fresh.sets.train.values);
    const bytes = await readFile(path);
    bytes[200] = (bytes[200] ?? 0) ^ 0xff;
    await writeFile(path, bytes);
    await appendFile(path, "rubbish");
    const third = await loadClips({ train: clips }, recipe, cacheDir);
    expect(third.sets.train.values).toEqual(fresh.sets.train.values);
    expect(third.report.warnings).toEqual([]);
  });

  it("that are shorter than the steps they would be cut into are left out, and say how short they are", async () => {
    const { clips } = await tinySamples(folder, 2);
    const [first, second] = clips;
    const train = clips.map((clip) => (clip === first ? { ...clip, range: { start: 2000, end: 2003 } } : clip));
    const { sets, report } = await loadClips({ train }, recipe, undefined);
    expect(sets.train.samples).toHaveLength(5);
    expect(report.warnings.join()).toMatch(/across\/0 is left out: across\/0 lasts 3 µs and cannot be cut into 4 time steps/);
    // one event: a span of nothing
    await writeFile(second?.path ?? "", Buffer.from([5, 5, 0x80, 0, 10]));
    const again = await loadClips({ train: clips }, recipe, undefined);
    expect(again.report.warnings.join()).toMatch(/across\/1 lasts 0 µs and cannot be cut into 4 time steps/);
    await expect(loadClips({ train: [clips[1] as JobSample] }, recipe, undefined)).rejects.toMatchObject({
      code: "empty",
      message: /lasts 0 µs/,
    });
  });

  it("of which none can be read end the run with the first reason", async () => {
    const { clips } = await tinySamples(folder, 1);
    for (const { path } of clips) await writeFile(path, "");
    await expect(loadClips({ train: clips }, recipe, undefined)).rejects.toMatchObject({ code: "empty", message: /0 bytes/ });
  });

  it("are counted in cells on a sensor much larger than the frame, and the model says so", () => {
    const large = recipeOf(tinySpec(), { width: 346, height: 260 });
    expect(large.spec.representation.params).toMatchObject({ resize: "cells", size: 16 });
    const small = recipeOf(tinySpec(), { width: 34, height: 34 });
    expect(small.spec.representation.params).toMatchObject({ resize: "half-pixel" });
    const chosen = tinySpec({ representation: { id: "event-frame", params: { resize: "half-pixel" } } });
    expect(recipeOf(chosen, { width: 346, height: 260 }).spec.representation.params).toMatchObject({ resize: "half-pixel" });
    expect(recipeOf(large.spec).spec).toEqual(large.spec); // what is in model.json is complete
  });
});

describe("pictures", () => {
  const plain = (width: number, height: number, value: number): Picture => ({
    width,
    height,
    planes: new Float32Array(3 * width * height).fill(value),
  });
  const options: PictureOptions = { channels: "value", border: "auto", scale: "unit" };
  const sensor = { width: 34, height: 34 };

  it("become their V channel, twice", () => {
    const { rgb, value_channel } = vectors.hsv_value;
    const png = new PNG({ width: rgb.length, height: 1 });
    for (const [i, [r = 0, g = 0, b = 0]] of rgb.entries()) png.data.set([r, g, b, 255], 4 * i);
    const picture = decodePicture(PNG.sync.write(png), "colours.png");
    const frame = pictureFrame(picture, options, { width: 6, height: 1 }, 1, rgb.length);
    expectClose(
      [...frame].filter((_, i) => i % 2 === 0),
      value_channel,
      1e-6,
    );
    expect([...frame].filter((_, i) => i % 2 === 0)).toEqual([...frame].filter((_, i) => i % 2 === 1));
  });

  it("are centred when a little smaller than the sensor, and fill the frame otherwise", () => {
    const centred = pictureFrame(plain(28, 28, 1), options, sensor, 34, 34);
    const at = (frame: Float32Array, x: number, y: number) => frame[(y * 34 + x) * 2];
    expect([at(centred, 2, 17), at(centred, 3, 17), at(centred, 30, 17), at(centred, 31, 17)]).toEqual([0, 1, 1, 0]);
    expect(at(pictureFrame(plain(10, 10, 1), options, sensor, 34, 34), 0, 0)).toBeCloseTo(1, 6);
    expect(at(pictureFrame(plain(200, 100, 1), options, sensor, 34, 34), 0, 0)).toBeCloseTo(1, 6);
    expect(at(pictureFrame(plain(28, 28, 1), { ...options, border: 0 }, sensor, 34, 34), 0, 0)).toBeCloseTo(1, 6);
  });

  it("keep their mean when they shrink", () => {
    const plane = Float32Array.from({ length: 40 * 40 }, (_, i) => (i * 7919) % 101);
    const small = resample(plane, 40, 40, 0, 0, 10, 10);
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(small) - mean(plane))).toBeLessThan(1);
  });

  it("are brought to the strength of the clips", () => {
    const samples = [{ id: "a", path: "", label: "", classIndex: 0 }];
    const pictures = { samples, values: [Float32Array.of(0, 0.5, 0.5, 0)] };
    expect(matchScale(pictures, { samples, values: [Float32Array.of(2, 0, 0, 2)] })).toBeCloseTo(4, 6);
    expect([...firstOf(pictures.values)]).toEqual([0, 2, 2, 0]);
    expect(matchScale({ samples: [], values: [] }, pictures)).toBe(1);
  });

  it("come from idx files by number, and damage is named", async () => {
    const idx = Buffer.alloc(16 + 2 * 4);
    idx.writeUInt32BE(0x0803, 0);
    for (const [i, size] of [2, 2, 2].entries()) idx.writeUInt32BE(size, 4 + 4 * i);
    idx.fill(255, 20);
    expect([...parseIdx(idx, "x").picture(1).planes]).toEqual(new Array(12).fill(1));
    expect(() => parseIdx(idx, "x").picture(2)).toThrow(/has no picture 2/);
    expect(() => parseIdx(idx.subarray(0, 18), "x").picture(0)).toThrow(/has no picture 0/);
    expect(() => parseIdx(Buffer.from("not an idx file at all"), "x")).toThrow(/not an idx file/);
    expect(() => decodePicture(Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2]), "a.png")).toThrow(/a\.png cannot be read/);
    expect(() => decodePicture(Buffer.from("GIF89a"), "a.gif")).toThrow(/neither PNG nor JPEG/);

    const { pictures } = await tinySamples(folder, 1, 2);
    await writeFile(pictures[0]?.path ?? "", "broken");
    const loaded = await loadPictures(pictures, recipe, sensor);
    expect(loaded.pictures.samples).toHaveLength(5);
    expect(loaded.warnings.join()).toContain(pictures[0]?.id);
  });
});
