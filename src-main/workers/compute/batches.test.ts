import { describe, expect, it } from "vitest";
import type { PictureOptions, PictureVariation } from "#main/units/transfers/transfer.ts";
import { Batches, Randoms } from "./batches.ts";
import { mixEdges } from "./edges.ts";
import type { Samples } from "./load.ts";
import { pictureFrame, type Picture } from "./pictures.ts";

const input = [2, 4, 4, 2] as const;

/** Samples with their number as the value of every pixel. */
const numbered = (labels: readonly number[], length: number): Samples => ({
  samples: labels.map((classIndex, n) => ({ id: String(n), path: "", label: "", classIndex })),
  values: labels.map((_, n) => new Float32Array(length).fill(n + 1)),
});

describe("balanced sampling", () => {
  const labels = [...new Array<number>(90).fill(0), ...new Array<number>(10).fill(1)];
  const batchesOf = (seed: number) =>
    new Batches(numbered(labels, 64), numbered([], 32), input, 0, new Randoms(seed), {
      ...{ classes: 2, augmentations: [], sampling: "balanced" },
    });

  it("shows every class equally often, whatever its size, with replacement", () => {
    const { labels: drawn, events } = batchesOf(1).next("events", 4000);
    const second = drawn.filter((label) => label === 1).length;
    expect(Math.abs(second - 2000)).toBeLessThan(4 * Math.sqrt(1000));
    const times = new Map<number, number>();
    for (let n = 0; n < 4000; n += 1) {
      const clip = events?.[n * 32] ?? 0;
      times.set(clip, (times.get(clip) ?? 0) + 1);
    }
    for (const [clip, count] of times) expect(Math.abs(count - (clip <= 90 ? 22 : 200))).toBeLessThan(clip <= 90 ? 25 : 60);
  });

  it("goes on from a checkpoint with the same draws", () => {
    const [randoms, others] = [new Randoms(3), new Randoms(4)];
    const of = (used: Randoms) =>
      new Batches(numbered(labels, 64), numbered([], 32), input, 0, used, {
        classes: 2,
        augmentations: [],
        sampling: "balanced",
      });
    const first = of(randoms);
    first.next("events", 7);
    const [state, decks] = [randoms.state(), first.state()];
    const wanted = first.next("events", 16);
    const second = of(others);
    others.restore(state);
    second.restore(decks);
    expect(second.next("events", 16)).toEqual(wanted);
  });
});

describe("varied pictures", () => {
  const ramp = Float32Array.from({ length: 4 * 4 * 3 }, (_, i) => i + 1);
  const shown = (pictures: PictureVariation | undefined, count = 200): Float32Array[] => {
    const samples: Samples = { ...numbered([0], 48), values: [ramp] };
    const batches = new Batches(numbered([0], 64), samples, input, 0, new Randoms(1), {
      ...{ classes: 1, augmentations: [] },
      ...(pictures && { pictures }),
    });
    const { pictures: all = new Float32Array(0) } = batches.next("pictures", count);
    // both steps are alike
    expect(all.subarray(0, all.length / 2)).toEqual(all.subarray(all.length / 2));
    return Array.from({ length: count }, (_, n) => all.subarray(48 * n, 48 * (n + 1)));
  };

  it("stay as they are in most methods", () => {
    for (const picture of shown(undefined, 3)) expect(picture).toEqual(ramp);
  });

  it("are flipped as often as asked for", () => {
    const mirror = Float32Array.from({ length: 48 }, (_, i) => {
      const [y, x, c] = [Math.floor(i / 12), Math.floor(i / 3) % 4, i % 3];
      return ramp[12 * y + 3 * (3 - x) + c]!;
    });
    const pictures = shown({ shift: 0, flip: 0.5, fill: [] });
    const flipped = pictures.filter((picture) => picture.every((value, i) => value === mirror[i]));
    const same = pictures.filter((picture) => picture.every((value, i) => value === ramp[i]));
    expect(flipped.length + same.length).toBe(200);
    expect(Math.abs(flipped.length - 100)).toBeLessThan(4 * Math.sqrt(50));
  });

  it("are shifted, black as it is normalised moving in", () => {
    const pictures = shown({ shift: 0.25, flip: 0, fill: [-1, -2, -3] });
    const kinds = new Set(pictures.map((picture) => picture.join()));
    expect(kinds.size).toBe(9); // -1, 0, 1 along both axes
    const down = pictures.find((picture) => picture[12] === 1 && picture[15] === 4);
    expect([...(down?.subarray(0, 6) ?? [])]).toEqual([-1, -2, -3, -1, -2, -3]);
  });
});

describe("pictures as other codes want them", () => {
  const options: PictureOptions = { channels: "blue", border: 0, scale: "unit" };
  const picture: Picture = { width: 2, height: 1, planes: Float32Array.of(0.9, 0.8, 0.5, 0.6, 0.1, 0.2) };
  const sensor = { width: 2, height: 1 };
  const rounded = (frame: Float32Array) => [...frame].map((value) => Number(value.toFixed(5)));

  it("blue alone, in both channels", () => {
    expect(rounded(pictureFrame(picture, options, sensor, 1, 2))).toEqual([0.1, 0.1, 0.2, 0.2]);
  });

  it("normalised in one channel as in three", () => {
    const normalize = { mean: [0.1, 0.1], deviation: [0.5, 0.5] };
    expect(rounded(pictureFrame(picture, { ...options, normalize }, sensor, 1, 2))).toEqual([0, 0, 0.2, 0.2]);
  });

  it("mixed with their edges: one part picture, nine parts edge", () => {
    // one bright pixel in the middle of a dark picture: its diagonal neighbours are edges
    const frame = new Float32Array(5 * 5 * 3);
    frame.fill(1, 3 * 12, 3 * 12 + 3);
    mixEdges(frame, 5, 5);
    const grey = Array.from({ length: 25 }, (_, i) => Number(frame[3 * i]!.toFixed(5)));
    expect(grey).toEqual([
      ...[0, 0, 0, 0, 0],
      ...[0, 0.9, 0, 0.9, 0],
      ...[0, 0, 0.1, 0, 0],
      ...[0, 0.9, 0, 0.9, 0],
      ...[0, 0, 0, 0, 0],
    ]);
  });

  it("have no edge where nothing changes, at the border neither", () => {
    const frame = new Float32Array(3 * 3 * 3).fill(0.5);
    mixEdges(frame, 3, 3);
    expect(rounded(frame)).toEqual(new Array(27).fill(0.05));
  });
});
