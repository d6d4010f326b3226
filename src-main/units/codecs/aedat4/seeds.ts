import { zstdCompressSync } from "node:zlib";
import type { Beside } from "#shared/events/beside.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { headerBlock } from "./blocks.ts";
import { MAGIC } from "./header.ts";
import { Aedat4Sink } from "./sink.ts";
import { unpacker } from "./unpack.ts";

const info = { sensor: { width: 320, height: 240 }, label: "seed" };
/** Recordings of DV begin at Unix time. */
const START = 1_633_953_690_975_950;

/** A packet of events with some of everything beside them. */
export function everything(events: number) {
  const rows = randomEvents(seeded(5), events, info.sensor).map(([t, x, y, p]) => [START + t, x, y, p] as const);
  const at = (share: number): number => rows[Math.floor(share * (rows.length - 1))]![0];
  const frame = { width: 4, height: 3, offset: { x: 1, y: 2 } };
  const exposure = { start: at(0.3), end: at(0.3) + 2000 };
  const beside = {
    triggers: [0, 1].map((value) => ({ t: at(0.5) + 7 * value, channel: value, value })),
    frames: [
      { t: exposure.start + 1000, exposure, ...frame, channels: 1, pixels: Uint8Array.from({ length: 12 }, (_, i) => 20 * i) },
      { t: at(0.8), ...frame, channels: 3, pixels: Uint16Array.from({ length: 36 }, (_, i) => 1800 * i) },
    ],
    imu: [0.1, 0.9].map((share) => ({
      t: at(share),
      temperature: 27.5,
      acceleration: [0, -1, 0.25] as const,
      rotation: [6.5, -2, 0.5] as const,
    })),
  } satisfies Beside;
  return { info, rows, beside, packet: { ...packetOf(rows), beside } };
}

/** Packets of a file packed anew, without a data table: what a killed recorder leaves. */
export function repacked(bytes: Uint8Array, pack: (block: Uint8Array) => Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = MAGIC.length + 4 + view.getUint32(MAGIC.length, true);
  const { tableFieldAt } = headerBlock("");
  const end = Number(view.getBigInt64(MAGIC.length + tableFieldAt, true));
  const header = Buffer.from(bytes.subarray(0, start));
  header.writeBigInt64LE(-1n, MAGIC.length + tableFieldAt);
  const unpack = unpacker();
  const parts: Uint8Array[] = [header];
  for (let at = start; at < end;) {
    const size = view.getInt32(at + 4, true);
    const data = pack(unpack(bytes.subarray(at + 8, at + 8 + size))).slice();
    const head = Buffer.from(bytes.subarray(at, at + 8));
    head.writeInt32LE(data.length, 4);
    parts.push(head, data);
    at += 8 + size;
  }
  return Buffer.concat(parts);
}

/** A file as we write it, and the same packets packed with Zstandard and not packed. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const sink = memorySink();
  const target = await Aedat4Sink.create(sink, info, { source: "DAVIS346 & more" });
  await target.write(everything(400).packet);
  await target.close();
  const bytes = sink.bytes();
  const codec = "aedat4";
  return [
    { codec, name: "lz4.aedat4", bytes },
    { codec, name: "zstd.aedat4", bytes: repacked(bytes, (block) => zstdCompressSync(block)) },
    { codec, name: "plain.aedat4", bytes: repacked(bytes, (block) => block) },
  ];
}
