import { createHash } from "node:crypto";
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { pOf, xOf, yOf } from "#shared/events/packet.ts";
import { replaceFile } from "#main/lib/files.ts";
import { writeSidecar } from "#main/lib/sidecar.ts";
import { gestures, type Gesture, type LabelledScene, type SceneSource } from "#main/simulation/simulation.ts";
import type { Codec } from "#main/units/codecs/codec.ts";

/** What a written recording turned out to be. */
export type Written = { readonly events: number; readonly on: number; readonly bytes: number; readonly digest: string };

/** Scene time between two looks at what the hand shows, and the length of a packet, µs. */
const PACKET_US = 10_000;
/** Files do not depend on the day they were made. */
const MADE_AT = "2026-01-01T00:00:00.000Z";

/** Writes `[0, endUs)` of a scene with a codec, and the sidecar that says it is generated. `watch` sees each packet's end. */
export async function writeRecording(
  path: string,
  codec: Codec,
  encoding: string,
  scene: SceneSource,
  endUs: number,
  metadata: Readonly<Record<string, string>>,
  watch?: (tUs: number) => void,
): Promise<Written> {
  if (codec.create === undefined) throw new Error(`codec ${codec.id} cannot write`);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  const sink = await codec.create(await replaceFile(path), { sensor: scene.sensor, label: path }, metadata);
  const out = new PacketWriter();
  const hash = createHash("sha256");
  let [events, on] = [0, 0];
  for (let t = 0; t < endUs; t += PACKET_US) {
    const until = Math.min(endUs, t + PACKET_US);
    out.begin(t);
    scene.next(until, out);
    const { t0, words } = out.take();
    const bytes = Buffer.alloc((13 * words.length) / 2);
    for (let i = 0, at = 0; i < words.length; i += 2, at += 13) {
      const word = words[i + 1] ?? 0;
      bytes.writeBigInt64LE(BigInt(t0 + (words[i] ?? 0)), at);
      bytes.writeUInt16LE(xOf(word), at + 8);
      bytes.writeUInt16LE(yOf(word), at + 10);
      bytes.writeUInt8(pOf(word), at + 12);
      on += pOf(word);
      events++;
    }
    hash.update(bytes);
    await sink.write({ t0, words });
    watch?.(until);
  }
  await sink.close();
  const { size } = await stat(path);
  await writeSidecar(path, {
    schema: 1,
    state: "closed",
    codec: codec.id,
    encoding,
    sensor: scene.sensor,
    generated: true,
    metadata,
    startedAt: MADE_AT,
    closedAt: MADE_AT,
    events,
    bytes: size,
    range: { start: 0, end: endUs },
  });
  return { events, on, bytes: size, digest: hash.digest("hex") };
}

/** Notes what a labelled scene shows while it is written. */
export function createTruth(scene: LabelledScene): {
  readonly watch: (tUs: number) => void;
  readonly spans: (endUs: number) => { readonly start: number; readonly end: number; readonly class: Gesture }[];
} {
  const changes: { readonly at: number; readonly label: string }[] = [{ at: 0, label: scene.current().label }];
  return {
    watch: () => {
      const { label, sinceUs } = scene.current();
      if (changes.at(-1)?.label !== label) changes.push({ at: Math.round(sinceUs), label });
    },
    spans: (endUs) =>
      changes.flatMap(({ at, label }, i) => {
        const shown = gestures.find((gesture) => gesture === label);
        return shown === undefined ? [] : [{ start: at, end: Math.min(endUs, changes[i + 1]?.at ?? endUs), class: shown }];
      }),
  };
}
