import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { createCompiledEventKernels, createPlainEventKernels, useEventKernels } from "#main/lib/kernels.ts";
import { rootDir } from "#main/lib/paths.ts";
import { aedat4Events } from "../encodings/aedat4-events/aedat4-events.ts";
import { atis5byte } from "../encodings/atis-5byte/atis-5byte.ts";
import { dat } from "../encodings/dat/dat.ts";
import type { Encoder, Encoding } from "../encodings/encoding.ts";
import { evt2 } from "../encodings/evt2/evt2.ts";
import { evt21 } from "../encodings/evt21/evt21.ts";
import { evt3 } from "../encodings/evt3/evt3.ts";
import { evt21Bytes } from "../encodings/testing/prophesee-words.ts";
import { rowsOf, type EventRow } from "../encodings/testing/events.ts";
import { syntheticEvt3 } from "./synthetic-stream.ts";

const run = promisify(execFile);

/** What is decoded, and by what: the compiled kernel, its plain twin, a C loop of our own. */
export type DecodedKind = "evt3" | "evt2" | "evt21" | "dat" | "atis" | "aedat4";
export type FigureId = `${DecodedKind}-${"compiled" | "plain" | "c"}`;

/** One decoder's figure: the fastest of several passes over the same bytes. */
export interface DecodeFigure {
  readonly id: FigureId;
  readonly events: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
}

/** The figures, and why some are missing. */
export interface DecodeBench {
  readonly figures: readonly DecodeFigure[];
  readonly skipped: readonly { readonly id: FigureId; readonly reason: string }[];
  /** Compiled kernels against the C loops; absent where either is. */
  readonly shareOfC: Readonly<Partial<Record<DecodedKind, number>>>;
}

/** One stream of bytes to decode. */
interface Material {
  readonly kind: DecodedKind;
  readonly encoding: Encoding;
  readonly sensor: Sensor;
  readonly bytes: Uint8Array;
}

const sensor: Sensor = { width: 1280, height: 720 };
const smallSensor: Sensor = { width: 240, height: 180 };
/** Bytes handed to a decoder at once, as when a file is read. */
const CHUNK = 1 << 16;

/** Seconds of one pass over the bytes through a decoder and a packet writer. */
function pass({ encoding, sensor: on, bytes }: Material, writer: PacketWriter): { events: number; seconds: number } {
  const decoder = encoding.createDecoder(on);
  let events = 0;
  const began = performance.now();
  for (let at = 0; at < bytes.length;) {
    at += decoder.decode(bytes.subarray(at, at + CHUNK), writer);
    events += writer.take().words.length >>> 1;
  }
  return { events, seconds: (performance.now() - began) / 1000 };
}

function fastest(material: Material, passes: number): Omit<DecodeFigure, "id"> {
  const writer = new PacketWriter();
  let best = { events: 0, seconds: Infinity };
  for (let i = 0; i < passes; i += 1) {
    const found = pass(material, writer);
    if (found.seconds < best.seconds) best = found;
  }
  return { ...best, bytes: material.bytes.length, eventsPerSecond: best.events / best.seconds };
}

/** The same bytes through a C loop of our own at -O3, where there is a compiler; the reason where it cannot be. */
async function cLoop({ kind, sensor: on, bytes }: Material, passes: number): Promise<Omit<DecodeFigure, "id"> | string> {
  const source = join(rootDir, "bench", kind === "evt3" ? "evt3.c" : "words.c");
  if (!existsSync(source)) return "its source is not part of a packaged application";
  const folder = await mkdtemp(join(tmpdir(), "saccade-bench-"));
  try {
    const program = join(folder, "loop");
    const file = join(folder, "words");
    await run("cc", ["-O3", "-march=native", "-o", program, source]);
    await writeFile(file, bytes);
    const given = [...(kind === "evt3" ? [] : [kind]), file, String(on.width), String(on.height), String(passes)];
    const { stdout } = await run(program, given);
    const [events = 0, seconds = 0] = stdout.trim().split(" ").map(Number);
    return { events, seconds, bytes: bytes.length, eventsPerSecond: events / seconds };
  } catch (error) {
    return `no C compiler could build and run it: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The events of an EVT 3.0 stream through these encoders. */
function reencoded(words: Uint8Array, on: Sensor, encoders: readonly Pick<Encoder, "encode">[]): readonly Uint8Array[] {
  const decoder = evt3.createDecoder(on);
  const writer = new PacketWriter();
  const parts: Uint8Array[][] = encoders.map(() => []);
  for (let at = 0; at < words.length;) {
    at += decoder.decode(words.subarray(at, at + CHUNK), writer);
    const packet = writer.take();
    for (const [i, encoder] of encoders.entries()) parts[i]?.push(encoder.encode(packet).slice());
  }
  return parts.map((part) => Buffer.concat(part));
}

/** The same events in every encoding; fewer and smaller ones as ATIS records, which hold no more. */
function materials(events: number): readonly Material[] {
  const { words } = syntheticEvt3(events, sensor);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const rows: EventRow[] = [];
  const collect = { encode: (packet: Parameters<typeof rowsOf>[0]) => (rows.push(...rowsOf(packet)), new Uint8Array(0)) };
  const [two = bytes, records = bytes, structs = bytes] = reencoded(bytes, sensor, [
    evt2.createEncoder(sensor),
    dat.createEncoder(sensor),
    aedat4Events.createEncoder(sensor),
    collect,
  ]);
  const small = syntheticEvt3(Math.min(events, 1_000_000), smallSensor);
  const smallBytes = new Uint8Array(small.words.buffer, small.words.byteOffset, small.words.byteLength);
  const [atis = smallBytes] = reencoded(smallBytes, smallSensor, [atis5byte.createEncoder(smallSensor)]);
  return [
    { kind: "evt3", encoding: evt3, sensor, bytes },
    { kind: "evt2", encoding: evt2, sensor, bytes: two },
    { kind: "evt21", encoding: evt21, sensor, bytes: evt21Bytes({ rows }, "little") },
    { kind: "dat", encoding: dat, sensor, bytes: records },
    { kind: "aedat4", encoding: aedat4Events, sensor, bytes: structs },
    { kind: "atis", encoding: atis5byte, sensor: smallSensor, bytes: atis },
  ];
}

/**
 * How fast recordings are decoded on this machine: compiled kernels, their plain twins, and C loops in the same run.
 * @param options.events size of the synthetic stream; a million keeps it to some seconds.
 */
export async function benchDecode(options: { readonly events?: number; readonly passes?: number } = {}): Promise<DecodeBench> {
  const { events = 1_000_000, passes = 20 } = options;
  const figures: DecodeFigure[] = [];
  const skipped: { id: FigureId; reason: string }[] = [];
  const shareOfC: Partial<Record<DecodedKind, number>> = {};
  const compiled = createCompiledEventKernels();
  const plain = createPlainEventKernels();
  for (const material of materials(events)) {
    const { kind } = material;
    try {
      useEventKernels(plain);
      figures.push({ id: `${kind}-plain`, ...fastest(material, passes) });
      useEventKernels(compiled);
      const reason = "the compiled kernels have not been built (scripts/build-kernels.ts)";
      const ours = compiled === undefined ? undefined : fastest(material, passes);
      if (ours === undefined) skipped.push({ id: `${kind}-compiled`, reason });
      else figures.push({ id: `${kind}-compiled`, ...ours });
      const c = await cLoop(material, passes); // right behind ours, so that both see the same machine
      if (typeof c === "string") skipped.push({ id: `${kind}-c`, reason: c });
      else {
        figures.push({ id: `${kind}-c`, ...c });
        if (ours !== undefined) shareOfC[kind] = ours.eventsPerSecond / c.eventsPerSecond;
      }
    } finally {
      useEventKernels(undefined);
    }
  }
  return { figures, skipped, shareOfC };
}

/** The figures as lines for people. */
export const describeDecodeBench = ({ figures, skipped, shareOfC }: DecodeBench): string =>
  [
    ...figures.map(
      ({ id, events, eventsPerSecond }) =>
        `${id.padEnd(14)} ${(eventsPerSecond / 1e6).toFixed(1).padStart(7)} M events/s  (${events} events)`,
    ),
    ...Object.entries(shareOfC).map(([kind, share]) => `${kind}: compiled kernel at ${(100 * share).toFixed(0)} % of the C loop`),
    ...skipped.map(({ id, reason }) => `${id.padEnd(14)} skipped: ${reason}`),
  ].join("\n");
