import { seeded } from "#main/lib/testing/random.ts";
import { randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { SeedFile } from "../testing/seeds.ts";

/** A file's header lines and, from 3.1 on, their end. */
export const headerOf = (version: string, ...lines: readonly string[]): Uint8Array =>
  Buffer.from(
    [`#!AER-DAT${version}`, ...lines, ...(version === "3.0" ? [] : ["#!END-HEADER"])].map((line) => `${line}\r\n`).join(""),
  );

/** A packet of events that have been laid out already; all of them valid, with as much more room as `spare` says. */
export function packetOf3(
  type: number,
  events: readonly Uint8Array[],
  { source = 1, overflow = 0, spare = 0 }: { readonly source?: number; readonly overflow?: number; readonly spare?: number } = {},
): Uint8Array {
  const size = events[0]?.length ?? 8;
  const header = Buffer.alloc(28);
  header.writeInt16LE(type);
  header.writeInt16LE(source, 2);
  [size, type === 2 ? 12 : 4, overflow, events.length + spare, events.length, events.length].forEach((value, i) => {
    header.writeInt32LE(value, 4 + 4 * i);
  });
  return Buffer.concat([header, ...events, new Uint8Array(size * spare)]);
}

const words = (...values: readonly number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(values, (value) => value >>> 0).buffer);
const floats = (...values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

export const polarity = ([t, x, y, p]: EventRow, valid = 1): Uint8Array => words((x << 17) | (y << 2) | (p << 1) | valid, t);
export const special = (kind: number, t: number): Uint8Array => words((kind << 1) | 1, t);
export const imu6 = (t: number, ...values: readonly number[]): Uint8Array => Buffer.concat([words(1, t), floats(...values)]);

/** A frame with times of its read-out and exposure, and its values row after row. */
export const frame3 = (
  channels: number,
  times: readonly number[],
  width: number,
  height: number,
  values: readonly number[],
): Uint8Array =>
  Buffer.concat([words((channels << 1) | 1, ...times, width, height, 0, 0), new Uint8Array(Uint16Array.from(values).buffer)]);

/** A file of all types, and one of version 3.0. */
export function seeds(): Promise<readonly SeedFile[]> {
  const rows = randomEvents(seeded(7), 300, { width: 346, height: 260 });
  const at = rows.map((row) => polarity(row));
  const picture = Array.from({ length: 12 }, (_, i) => 5000 * i);
  const [half, end] = [rows[150]![0], rows.at(-1)[0]];
  const all = [
    packetOf3(0, [special(1, 0x7fff_ffff)]),
    packetOf3(1, at.slice(0, 150), { spare: 3 }),
    packetOf3(0, [special(2, half), special(3, half + 9)]),
    packetOf3(3, [imu6(half, 0, -1, 0, 5, 6, 7, 25), imu6(half + 1000, 0, -1, 0, 5, 6, 7, 25)]),
    packetOf3(2, [frame3(1, [half, half + 900, half + 100, half + 300], 4, 3, picture)]),
    packetOf3(1, at.slice(150)),
    packetOf3(4, [Buffer.concat([imu6(end, 0, -1, 0, 5, 6, 7, 25), floats(20, 0, -40)])]),
  ];
  const old = [packetOf3(1, at.slice(0, 150)), packetOf3(1, at.slice(150))];
  return Promise.resolve([
    {
      codec: "aedat3",
      name: "all.aedat",
      bytes: Buffer.concat([headerOf("3.1", "#Format: RAW", "#Source 1: DAVIS346", "#Start-Time: 2017-03-21 18:19:15"), ...all]),
    },
    { codec: "aedat3", name: "old.aedat", bytes: Buffer.concat([headerOf("3.0", "#Source 1: DAVIS346"), ...old]) },
  ]);
}
