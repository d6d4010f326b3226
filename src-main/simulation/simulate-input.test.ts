import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { pOf, xOf, yOf } from "#shared/events/packet.ts";
import { openFilm } from "./input/film.ts";
import { readY4m } from "./input/y4m.ts";
import { sensorFor, simulateInput } from "./simulate-input.ts";

let folder: string;
const clean = { mismatch: 0, leakHz: 0, shotNoiseHz: 0, refractoryUs: 0 };
const never = new AbortController().signal;

/** A bright disk on gray, its middle at `cx`. */
function disk(width: number, height: number, cx: number): PNG {
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = Math.hypot(x - cx, y - height / 2) < 6 ? 240 : 90;
      png.data.set([value, value, value, 255], 4 * (y * width + x));
    }
  }
  return png;
}

const luma = (cx: number): Uint8Array => Uint8Array.from({ length: 32 * 24 }, (_, i) => disk(32, 24, cx).data[4 * i] ?? 0);

function y4m(frames: number, tags = "F100:1 Cmono XCOLORRANGE=FULL"): Buffer {
  const parts = [Buffer.from(`YUV4MPEG2 W32 H24 ${tags}\n`)];
  for (let i = 0; i < frames; i++) parts.push(Buffer.from("FRAME\n"), Buffer.from(luma(8 + i)));
  return Buffer.concat(parts);
}

type Stream = {
  name: string;
  width: number;
  height: number;
  end: number | undefined;
  events: { t: number; x: number; y: number; p: number }[];
};

async function simulated(input: string, params: Record<string, unknown> = {}, signal = never): Promise<Stream[]> {
  const streams: Stream[] = [];
  for await (const { info, name, metadata, packets } of simulateInput(input, { ...clean, ...params }, signal)) {
    expect(metadata["generated"]).toBe("true");
    const events: Stream["events"] = [];
    for await (const { t0, words } of packets()) {
      for (let k = 0; k < words.length; k += 2) {
        const word = words[k + 1] ?? 0;
        events.push({ t: t0 + (words[k] ?? 0), x: xOf(word), y: yOf(word), p: pOf(word) });
      }
    }
    expect(events.every(({ t }, i) => i === 0 || t >= (events[i - 1]?.t ?? 0))).toBe(true);
    expect(events.every(({ x, y }) => x < info.sensor.width && y < info.sensor.height)).toBe(true);
    streams.push({ name, ...info.sensor, end: info.range?.end, events });
  }
  return streams;
}

const failure = async (promise: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulate-"));
  await mkdir(join(folder, "set", "b"), { recursive: true });
  await mkdir(join(folder, "set", "a"));
  await mkdir(join(folder, "frames"));
  await mkdir(join(folder, "empty"));
  await writeFile(join(folder, "set", "a", "2.png"), PNG.sync.write(disk(40, 30, 20)));
  await writeFile(join(folder, "set", "a", "10.png"), PNG.sync.write(disk(40, 30, 20)));
  await writeFile(join(folder, "set", "b", "1.png"), PNG.sync.write(disk(40, 30, 10)));
  for (let i = 0; i < 12; i++) await writeFile(join(folder, "frames", `${i}.png`), PNG.sync.write(disk(32, 24, 8 + i)));
  await writeFile(join(folder, "film.y4m"), y4m(12));
  await writeFile(join(folder, "notes.bin"), "not a film at all, only some words in a file");
});
afterAll(() => rm(folder, { recursive: true }));

describe("simulateInput", () => {
  it("looks at a picture in three saccades and comes back to where it began", async () => {
    const [stream] = await simulated(join(folder, "set", "a", "2.png"));
    expect(stream).toMatchObject({ name: "2", width: 40, height: 30, end: 300_000 });
    const events = stream!.events;
    expect(events.length).toBeGreaterThan(200);
    for (const leg of [0, 1, 2]) {
      const part = events.filter(({ t }) => Math.floor(t / 100_000) === leg);
      expect(part.length).toBeGreaterThan(50);
      // Slow at both ends of a saccade, fast in the middle.
      const middle = part.filter(({ t }) => Math.abs((t % 100_000) - 50_000) < 25_000).length;
      expect(middle / part.length).toBeGreaterThan(0.7);
    }
    const balance = events.reduce((sum, { p }) => sum + (p === 1 ? 1 : -1), 0);
    expect(Math.abs(balance) / events.length).toBeLessThan(0.1);
    // Only near the disk's outline.
    expect(events.every(({ x, y }) => Math.abs(Math.hypot(x - 20, y - 15) - 6) < 6)).toBe(true);
  });

  it("keeps the folders of pictures as the names of clips", async () => {
    const streams = await simulated(join(folder, "set"), { saccadeMs: 10 });
    expect(streams.map(({ name }) => name)).toEqual(["a/2", "a/10", "b/1"]);
  });

  it("plays a folder of frames as a film", async () => {
    const [stream] = await simulated(join(folder, "frames"), { as: "film", framesPerSecond: 100, amplitude: 1 });
    expect(stream).toMatchObject({ name: "frames", width: 32, height: 24, end: 110_000 });
    // A bright disk that moves to the right is bright in front and dark behind.
    const mean = (p: number): number => {
      const xs = stream!.events.filter((event) => event.p === p && event.t > 40_000 && event.t < 60_000).map(({ x }) => x);
      return xs.reduce((sum, x) => sum + x, 0) / xs.length;
    };
    expect(mean(1) - mean(0)).toBeGreaterThan(8);
  });

  it("makes the same events of the same frames as files and as Y4M", async () => {
    const [film] = await simulated(join(folder, "film.y4m"));
    const [frames] = await simulated(join(folder, "frames"), { as: "film", framesPerSecond: 100 });
    expect(film!.events.length).toBeGreaterThan(300);
    expect(film!.events).toEqual(frames!.events);
  });

  it("simulates long gaps between frames in parts", async () => {
    const [stream] = await simulated(join(folder, "frames"), { as: "film", framesPerSecond: 5 });
    expect(stream!.end).toBe(2_200_000);
    expect(stream!.events.at(-1).t).toBeGreaterThan(2_000_000);
  });

  it("fits the input to the wished sensor", async () => {
    const [stream] = await simulated(join(folder, "set", "b", "1.png"), { width: 20, height: 20, saccadeMs: 20 });
    expect(stream).toMatchObject({ width: 20, height: 20 });
    expect(sensorFor({ width: 4000, height: 3000 }, { width: 0, height: 0 })).toEqual({ width: 640, height: 480 });
    expect(sensorFor({ width: 400, height: 300 }, { width: 0, height: 150 })).toEqual({ width: 200, height: 150 });
  });

  it("names what is missing, empty, unknown or unreadable", async () => {
    expect((await failure(simulated(join(folder, "nothing.png")))).code).toBe("not-found");
    expect((await failure(simulated(join(folder, "empty")))).code).toBe("empty");
    expect((await failure(simulated(join(folder, "set"), { amplitud: 3 }))).message).toContain("amplitud");
    await writeFile(join(folder, "broken.png"), PNG.sync.write(disk(40, 30, 20)).subarray(0, 90));
    const broken = await failure(simulated(join(folder, "broken.png")));
    expect(broken.code).toBe("damaged");
    expect(broken.message).toContain("broken.png");
  });

  it("refuses frames of different sizes with the file's name", async () => {
    const mixed = join(folder, "mixed");
    await mkdir(mixed);
    await writeFile(join(mixed, "1.png"), PNG.sync.write(disk(32, 24, 8)));
    await writeFile(join(mixed, "2.png"), PNG.sync.write(disk(30, 24, 8)));
    expect((await failure(simulated(mixed, { as: "film" }))).message).toMatch(/2\.png is 30 × 24/);
  });

  it("stops when asked to", async () => {
    const control = new AbortController();
    control.abort();
    await expect(simulated(join(folder, "set"), {}, control.signal)).rejects.toThrow(/abort/i);
  });
});

describe("readY4m", () => {
  it("gives the same frames for any division of the bytes", async () => {
    const bytes = y4m(3, "F25:1 C420jpeg");
    const planes: Buffer[] = [];
    const withColor = Buffer.concat([
      bytes.subarray(0, bytes.indexOf("\n") + 1),
      ...[0, 1, 2].flatMap((i) => [Buffer.from("FRAME\n"), Buffer.from(luma(8 + i)), Buffer.alloc(2 * 16 * 12, 128)]),
    ]);
    for (const size of [1, 7, 1000, 1e6]) {
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < withColor.length; at += size) {
          await Promise.resolve();
          yield withColor.subarray(at, at + size);
        }
      };
      const film = await readY4m(chunks(), "film");
      expect(film).toMatchObject({ width: 32, height: 24, frameUs: 40_000, fullRange: true });
      const found: Buffer[] = [];
      for await (const plane of film.frames()) found.push(Buffer.from(plane));
      if (planes.length === 0) planes.push(...[0, 1, 2].map((i) => Buffer.from(luma(8 + i))));
      expect(found.map((plane) => plane.equals(planes[found.indexOf(plane)]!))).toEqual([true, true, true]);
    }
  });

  it.each([
    ["YUV4MPEG2 W32 F25:1\n", "damaged"],
    ["YUV4MPEG2 W32 H24 F25:1 C420p10\n", "unsupported"],
    ["something else", "damaged"],
  ])("refuses %j as %s", async (header, code) => {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from(header);
    };
    expect((await failure(readY4m(chunks(), "film.y4m"))).code).toBe(code);
  });
});

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

describe("openFilm", () => {
  it("says what to do when ffmpeg is missing", async () => {
    const error = await failure(openFilm(join(folder, "notes.bin"), never, "no-such-ffmpeg"));
    expect(error.code).toBe("unsupported");
    expect(error.hint).toMatch(/Install ffmpeg/);
  });

  it.skipIf(!hasFfmpeg)("names a file that is no film (needs ffmpeg on PATH)", async () => {
    const error = await failure(openFilm(join(folder, "notes.bin"), never));
    expect(error.code).toBe("damaged");
    expect(error.message).toContain("notes.bin");
  });

  it.skipIf(!hasFfmpeg)("reads a film through ffmpeg (needs ffmpeg on PATH)", async () => {
    const path = join(folder, "film.mkv");
    expect(spawnSync("ffmpeg", ["-v", "error", "-i", join(folder, "film.y4m"), "-c:v", "ffv1", path]).status).toBe(0);
    const [stream] = await simulated(path);
    expect(stream).toMatchObject({ name: "film", width: 32, height: 24 });
    expect(stream!.events.length).toBeGreaterThan(300);
  });

  it.skipIf(!hasFfmpeg)("ends ffmpeg when asked to stop (needs ffmpeg on PATH)", async () => {
    const path = join(folder, "long.mkv");
    const made = spawnSync("ffmpeg", [
      "-v",
      "error",
      "-f",
      "lavfi",
      "-i",
      "testsrc=size=320x240:rate=30:duration=20",
      "-c:v",
      "mpeg4",
      path,
    ]);
    expect(made.status).toBe(0);
    const control = new AbortController();
    const film = await openFilm(path, control.signal);
    const watched = (async () => {
      let frames = 0;
      for await (const frame of film.frames()) {
        expect(frame).toHaveLength(320 * 240);
        if (++frames === 3) control.abort();
      }
    })();
    expect((await failure(watched)).code).toBe("aborted");
    await film.close();
  });
});
