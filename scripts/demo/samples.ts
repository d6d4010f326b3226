import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createHandsScene } from "#main/simulation/hands/hands-scene.ts";
import type { SceneSource } from "#main/simulation/simulation.ts";
import { nmnistBin } from "#main/units/codecs/nmnist-bin/nmnist-bin.ts";
import { propheseeRaw } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";
import type { Codec } from "#main/units/codecs/codec.ts";
import { DEMO_SEED } from "./plan.ts";
import { writeRecording } from "./write-recording.ts";

type Sample = {
  readonly file: string;
  readonly codec: Codec;
  readonly encoding: string;
  readonly endUs: number;
  readonly scene: () => SceneSource;
};

/** One tiny recording for each format. The 5-byte format has the size of N-MNIST, 34 × 34. */
export const samples: readonly Sample[] = [
  {
    file: "hand-evt3.raw",
    codec: propheseeRaw,
    encoding: "evt3",
    endUs: 150_000,
    scene: () => createHandsScene({ sensor: { width: 64, height: 64 }, params: { show: "scissors", seed: DEMO_SEED } }),
  },
  {
    file: "hand-5byte.bin",
    codec: nmnistBin,
    encoding: "atis-5byte",
    endUs: 300_000,
    scene: () => createHandsScene({ sensor: { width: 34, height: 34 }, params: { show: "paper", seed: DEMO_SEED + 1 } }),
  },
];

/** Writes the samples and digests.json: events, range and SHA-256 over 13 bytes an event (int64 t, uint16 x, y, uint8 p). */
export async function makeSamples(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const digests: Record<string, unknown> = {};
  for (const { file, codec, encoding, endUs, scene } of samples) {
    const made = scene();
    const written = await writeRecording(join(root, file), codec, encoding, made, endUs, {
      generated: "true",
      generator: "Saccade hand generator",
    });
    digests[file] = { codec: codec.id, sensor: made.sensor, endUs, ...written };
  }
  await writeFile(join(root, "digests.json"), `${JSON.stringify(digests, undefined, 2)}\n`);
}
