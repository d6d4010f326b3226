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
import { atis5byte } from "../encodings/atis-5byte/atis-5byte.ts";
import type { Encoding } from "../encodings/encoding.ts";
import { evt3 } from "../encodings/evt3/evt3.ts";
import { syntheticEvt3 } from "./synthetic-stream.ts";

const run = promisify(execFile);

/** One decoder's figure: the fastest of several passes over the same bytes. */
export interface DecodeFigure {
  readonly id: "evt3-compiled" | "evt3-plain" | "atis-compiled" | "atis-plain" | "evt3-c";
  readonly events: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
}

/** The figures, and why some are missing. */
export interface DecodeBench {
  readonly figures: readonly DecodeFigure[];
  readonly skipped: readonly { readonly id: DecodeFigure["id"]; readonly reason: string }[];
  /** Compiled kernel against the C loop; absent without either. */
  readonly shareOfC?: number;
}

const sensor: Sensor = { width: 1280, height: 720 };
const atisSensor: Sensor = { width: 240, height: 180 };
/** Bytes handed to a decoder at once, as when a file is read. */
const CHUNK = 1 << 16;

/** Seconds of one pass over the bytes through a decoder and a packet writer. */
function pass(
  encoding: Encoding,
  on: Sensor,
  bytes: Uint8Array,
  writer: PacketWriter,
): { readonly events: number; readonly seconds: number } {
  const decoder = encoding.createDecoder(on);
  let events = 0;
  const began = performance.now();
  for (let at = 0; at < bytes.length;) {
    at += decoder.decode(bytes.subarray(at, at + CHUNK), writer);
    events += writer.take().words.length >>> 1;
  }
  return { events, seconds: (performance.now() - began) / 1000 };
}

function fastest(encoding: Encoding, on: Sensor, bytes: Uint8Array, passes: number): Omit<DecodeFigure, "id"> {
  const writer = new PacketWriter();
  let best = { events: 0, seconds: Infinity };
  for (let i = 0; i < passes; i += 1) {
    const found = pass(encoding, on, bytes, writer);
    if (found.seconds < best.seconds) best = found;
  }
  return { ...best, bytes: bytes.length, eventsPerSecond: best.events / best.seconds };
}

/** The same stream through a C loop of our own at -O3, where there is a compiler; the reason where it cannot be. */
async function cLoop(words: Uint16Array, passes: number): Promise<Omit<DecodeFigure, "id"> | string> {
  const source = join(rootDir, "bench", "evt3.c");
  if (!existsSync(source)) return "its source is not part of a packaged application";
  const folder = await mkdtemp(join(tmpdir(), "saccade-bench-"));
  try {
    const program = join(folder, "evt3");
    const file = join(folder, "words");
    await run("cc", ["-O3", "-march=native", "-o", program, source]);
    await writeFile(file, words);
    const { stdout } = await run(program, [file, String(sensor.width), String(sensor.height), String(passes)]);
    const [events = 0, seconds = 0] = stdout.trim().split(" ").map(Number);
    return { events, seconds, bytes: words.byteLength, eventsPerSecond: events / seconds };
  } catch (error) {
    return `no C compiler could build and run it: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * How fast recordings are decoded on this machine: compiled kernels, their plain twins, and a C loop in the same run.
 * @param options.events size of the synthetic stream; a million keeps it to a few seconds.
 */
export async function benchDecode(options: { readonly events?: number; readonly passes?: number } = {}): Promise<DecodeBench> {
  const { events = 1_000_000, passes = 20 } = options;
  const { words } = syntheticEvt3(events, sensor);
  const evt3Bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const figures: DecodeFigure[] = [];
  const skipped: { id: DecodeFigure["id"]; reason: string }[] = [];
  const small = syntheticEvt3(Math.min(events, 1_000_000), atisSensor);
  const atisBytes = reencoded(new Uint8Array(small.words.buffer, 0, small.words.byteLength));
  try {
    const compiled = createCompiledEventKernels();
    for (const [kind, kernels] of [
      ["compiled", compiled],
      ["plain", createPlainEventKernels()],
    ] as const) {
      if (kernels === undefined) {
        const reason = "the compiled kernels have not been built (scripts/build-kernels.ts)";
        skipped.push({ id: "evt3-compiled", reason }, { id: "atis-compiled", reason });
        continue;
      }
      useEventKernels(kernels);
      figures.push({ id: `evt3-${kind}`, ...fastest(evt3, sensor, evt3Bytes, passes) });
      figures.push({ id: `atis-${kind}`, ...fastest(atis5byte, atisSensor, atisBytes, passes) });
    }
  } finally {
    useEventKernels(undefined);
  }
  const c = await cLoop(words, passes);
  if (typeof c === "string") skipped.push({ id: "evt3-c", reason: c });
  else figures.push({ id: "evt3-c", ...c });
  const rate = (id: DecodeFigure["id"]): number => figures.find((figure) => figure.id === id)?.eventsPerSecond ?? NaN;
  const shareOfC = rate("evt3-compiled") / rate("evt3-c");
  return { figures, skipped, ...(Number.isNaN(shareOfC) ? {} : { shareOfC }) };
}

/** The events of an EVT 3.0 stream as ATIS records. */
function reencoded(bytes: Uint8Array): Uint8Array {
  const decoder = evt3.createDecoder(atisSensor);
  const encoder = atis5byte.createEncoder(atisSensor);
  const writer = new PacketWriter();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    at += decoder.decode(bytes.subarray(at, at + CHUNK), writer);
    parts.push(encoder.encode(writer.take()).slice());
  }
  return Buffer.concat(parts);
}

/** The figures as lines for people. */
export const describeDecodeBench = ({ figures, skipped, shareOfC }: DecodeBench): string =>
  [
    ...figures.map(
      ({ id, events, eventsPerSecond }) =>
        `${id.padEnd(14)} ${(eventsPerSecond / 1e6).toFixed(1).padStart(7)} M events/s  (${events} events)`,
    ),
    ...(shareOfC === undefined ? [] : [`compiled kernel: ${(100 * shareOfC).toFixed(0)} % of the C loop`]),
    ...skipped.map(({ id, reason }) => `${id.padEnd(14)} skipped: ${reason}`),
  ].join("\n");
