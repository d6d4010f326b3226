import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { sourceOf } from "#main/lib/files.ts";
import { codecs } from "./index.ts";
import { openRecording } from "./open-recording.ts";
import { allSeeds } from "./testing/all-seeds.ts";

const seeds = await allSeeds();

/** Codecs that write for older programs what another one reads. */
const READ_BY: Readonly<Record<string, string>> = { "prophesee-raw-evt2": "prophesee-raw" };
const readerOf = (codec: string): string => READ_BY[codec] ?? codec;

describe("which codec takes a file", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "saccade-detection-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The codec that opens these bytes under a name; the error's code when none does. */
  async function opens(bytes: Uint8Array, name: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    try {
      const { codec, recording } = await openRecording(path);
      await recording.close();
      return codec.id;
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  }

  test.each(seeds)("$codec: $name", async ({ codec, name, bytes }) => {
    expect(await opens(bytes, name)).toBe(readerOf(codec));
  });

  test("no name brings a file to a codec of another format", async () => {
    const wrong: string[] = [];
    for (const { codec, name, bytes } of seeds) {
      for (const other of ["recording", "recording.bin", "recording.raw", "recording.dat", "recording.aedat", "recording.txt"]) {
        const found = await opens(bytes, other);
        if (found !== readerOf(codec) && found !== "unknown-format") wrong.push(`${codec} ${name} as ${other}: ${found}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("one codec only recognizes a file with a signature of its own", async () => {
    const shared = ["nmnist-bin", "aedat1", "prophesee-raw", "prophesee-raw-evt2", "prophesee-hdf5", "dsec-hdf5", "hdf5-columns"];
    for (const { codec, name, bytes } of seeds.filter((seed) => !shared.includes(seed.codec))) {
      const taking: string[] = [];
      for (const candidate of codecs) {
        if (!candidate.probe(bytes.subarray(0, 4096), name, bytes.length)) continue;
        if ((await candidate.accepts?.(sourceOf(bytes, name))) ?? true) taking.push(candidate.id);
      }
      expect(taking).toEqual([codec]);
    }
  });
});
