import { extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ConvertOptions, ConvertProgress } from "#shared/api/stream-api.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import { findUnit } from "#shared/units/unit.ts";
import { replaceFile, type ByteSink } from "#main/lib/files.ts";
import { readExactly } from "#main/lib/packet-cursor.ts";
import type { Codec } from "#main/units/codecs/codec.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { rangeOf } from "./range.ts";
import { createFilterChain } from "#main/units/filters/chain.ts";

/** Between two reports of progress, ms. */
const REPORT_MS = 200;

/** A codec that can write, with its way to do so. */
type Writer = Codec & { create: NonNullable<Codec["create"]> };
const canWrite = (codec: Codec): codec is Writer => codec.create !== undefined;

/** The codec for a new file: the one named, else the one whose extension the file has. @throws AppError */
export function codecFor(path: string, id: string | undefined): Writer {
  const writable = codecs.filter(canWrite);
  const known = writable.map((codec) => `${codec.id} (${codec.extensions.join(", ")})`).join("; ");
  if (id !== undefined) {
    const codec = findUnit("codec", codecs, id);
    if (canWrite(codec)) return codec;
    throw new AppError("unsupported", `${codec.label} files can be read but not written`, { hint: `Write one of: ${known}.` });
  }
  const extension = extname(path).toLowerCase();
  const codec = writable.find(({ extensions }) => extensions.some((own) => `.${own.replace(/^\./, "")}` === extension));
  if (codec === undefined) {
    throw new AppError("unknown-format", `No format that can be written has the extension of ${path}`, {
      hint: `Choose a format: ${known}.`,
    });
  }
  return codec;
}

/** A file being written by a codec that appears only when it is complete. */
export interface NewRecording {
  readonly sink: EventSink;
  /** Closes it and puts it in its place; answers its size. */
  finish(): Promise<number>;
  /** Takes away what has been written. */
  abandon(): Promise<void>;
}

/** Begins a new file. @throws AppError when it cannot be written. */
export async function newRecording(
  path: string,
  codec: Writer,
  info: StreamInfo,
  metadata: Readonly<Record<string, string>>,
): Promise<NewRecording> {
  const file = await replaceFile(path);
  let bytes = 0;
  // The codec may close the file itself: it must not take its final name before we say so.
  const guarded: ByteSink = {
    name: file.name,
    get position() {
      return file.position;
    },
    write: (part) => file.write(part),
    patch: (offset, part) => file.patch(offset, part),
    flush: () => file.flush(),
    close: () => Promise.resolve(),
  };
  const abandon = async (): Promise<void> => {
    await file.discard();
  };
  try {
    const sink = await codec.create(guarded, info, metadata);
    return {
      sink,
      finish: async () => {
        await sink.close();
        bytes = file.position;
        await file.close();
        return bytes;
      },
      abandon,
    };
  } catch (error) {
    await abandon();
    throw error;
  }
}

/** Rewrites a recording in another format, filtered and cut as asked. Interrupted or failed, nothing is left behind. */
export async function* convertRecording(options: ConvertOptions, signal: AbortSignal): AsyncGenerator<ConvertProgress> {
  const began = performance.now();
  const codec = codecFor(options.output, options.codec);
  const { recording } = await openRecording(options.input);
  try {
    const all = await rangeOf(recording, signal);
    const start = Math.max(all.start, options.range?.from ?? all.start);
    const end = Math.min(all.end, options.range?.to ?? all.end);
    const { sensor, label } = recording.info;
    const chain = createFilterChain(options.filters ?? [], sensor);
    const range = { start, end: Math.max(start, end) };
    const target = await newRecording(options.output, codec, { sensor, label, range }, recording.metadata);
    let events = 0;
    let finished = false;
    try {
      let reported = began;
      for await (const packet of readExactly(recording, { from: start, to: end, signal })) {
        const kept = chain(packet);
        events += kept.words.length >>> 1;
        if (kept.words.length > 0) await target.sink.write(kept);
        if (signal.aborted) break;
        const now = performance.now();
        if (now - reported < REPORT_MS) continue;
        reported = now;
        yield { kind: "progress", fraction: fractionAt(packet, range), events };
      }
      if (signal.aborted) throw new AppError("aborted", `Writing ${options.output} was interrupted`);
      const bytes = await target.finish();
      finished = true;
      const dropped = Object.values(recording.report().dropped).reduce((sum, count) => sum + count, 0);
      yield { kind: "done", events, bytes, dropped, seconds: (performance.now() - began) / 1000 };
    } finally {
      if (!finished) await target.abandon();
    }
  } finally {
    await recording.close();
  }
}

function fractionAt(packet: EventPacket, { start, end }: { start: number; end: number }): number {
  const t = packet.t0 + (packet.words[packet.words.length - 2] ?? 0);
  return end > start ? Math.min(1, Math.max(0, (t - start) / (end - start))) : 1;
}
