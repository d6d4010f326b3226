import { extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ConvertOptions, ConvertProgress } from "#shared/api/stream-api.ts";
import { firstTime, type EventPacket } from "#shared/events/packet.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import { findUnit } from "#shared/units/unit.ts";
import { replaceFile, type ByteSink } from "#main/lib/files.ts";
import { checkAnswers } from "#main/units/codecs/answers.ts";
import type { Codec, OpenRecording } from "#main/units/codecs/codec.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { createFilterChain } from "#main/units/filters/chain.ts";
import { commonTimeOf } from "./common-time.ts";
import { LeftOver } from "./left-over.ts";
import { movedBy } from "./shift-time.ts";
import { TimeOrder } from "./time-order.ts";

/** Between two reports of progress, ms. */
const REPORT_MS = 200;
/** A dry run reads so long before it extrapolates, ms. */
const DRY_RUN_MS = 1500;

type Metadata = Readonly<Record<string, string>>;

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
export async function newRecording(path: string, codec: Writer, info: StreamInfo, metadata: Metadata): Promise<NewRecording> {
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

/** A place for a dry run: it counts and forgets. */
const nowhere = (name: string): ByteSink => {
  let position = 0;
  return {
    name,
    get position() {
      return position;
    },
    write: (part) => {
      position += part.length;
      return Promise.resolve();
    },
    patch: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
};

async function dryRecording(path: string, codec: Writer, info: StreamInfo, metadata: Metadata): Promise<NewRecording> {
  const file = nowhere(path);
  const sink = await codec.create(file, info, metadata);
  const finish = async (): Promise<number> => {
    await sink.close();
    return file.position;
  };
  return { sink, finish, abandon: () => Promise.resolve() };
}

/** Rewrites a recording in another format, filtered and cut as asked. Interrupted or failed, nothing is left behind. */
export async function* convertRecording(options: ConvertOptions, signal: AbortSignal): AsyncGenerator<ConvertProgress> {
  const began = performance.now();
  const codec = codecFor(options.output, options.codec);
  const answers = options.answers === undefined ? {} : { answers: checkAnswers(options.answers, options.input) };
  const { recording } = await openRecording(options.input, answers);
  try {
    const { sensor, label } = recording.info;
    const chain = createFilterChain(options.filters ?? [], sensor);
    const order = options.sort === true ? new TimeOrder() : undefined;
    const begin = options.dryRun === true ? dryRecording : newRecording;
    const toCommon = options.commonTime === true ? await commonTimeOf(options.input) : undefined;
    const target = await begin(options.output, codec, { sensor, label }, recording.metadata);
    const leftOver = new LeftOver(codec.holds ?? []);
    let events = 0;
    let finished = false;
    let zero = options.fromZero === true ? (options.range?.from ?? recording.info.range?.start) : 0;
    const put = async (own: EventPacket): Promise<void> => {
      if (own.words.length === 0 && own.beside === undefined) return;
      const stored = toCommon === undefined ? own : toCommon(own);
      zero ??= firstTime(stored) ?? stored.t0;
      const packet = movedBy(stored, -zero);
      const { beside } = packet;
      const kept = { ...chain(packet), ...(beside === undefined ? {} : { beside: leftOver.keep(beside) }) };
      events += kept.words.length >>> 1;
      await target.sink.write(kept);
    };
    try {
      let reported = began;
      let exact = true;
      let fraction = 0;
      const { from, to } = options.range ?? {};
      const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      for await (const packet of recording.read({ ...range, signal, beside: true })) {
        if (order === undefined) await put(packet);
        else {
          for (const sorted of order.add(packet)) await put(sorted);
          if (packet.beside !== undefined) await put({ t0: packet.t0, words: new Uint32Array(0), beside: packet.beside });
        }
        if (signal.aborted) break;
        const now = performance.now();
        if (options.dryRun === true && now - began > DRY_RUN_MS) {
          fraction = fractionAt(packet, recording, range);
          exact = false;
          break;
        }
        if (now - reported < REPORT_MS) continue;
        reported = now;
        yield { kind: "progress", fraction: fractionAt(packet, recording, range), events };
      }
      if (signal.aborted) throw new AppError("aborted", `Writing ${options.output} was interrupted`);
      for (const sorted of order?.finish() ?? []) await put(sorted);
      const bytes = await target.finish();
      const forced = target.sink.notes?.() ?? {};
      if (options.dryRun !== true && (leftOver.any || Object.keys(forced).length > 0)) {
        // A start at zero was asked for: it is told where there is a note anyway, and makes none.
        const shift = zero === undefined || zero === 0 ? {} : { time_shift_us: String(-zero) };
        await leftOver.writeNote(options.output, options.input, { ...shift, ...forced });
      }
      finished = true;
      const dropped = Object.values(recording.report().dropped).reduce((sum, count) => sum + count, 0);
      const scale = exact || fraction === 0 ? 1 : 1 / fraction;
      yield {
        kind: "done",
        events: Math.round(events * scale),
        bytes: Math.round(bytes * scale),
        dropped,
        seconds: (performance.now() - began) / 1000,
        notKept: leftOver.counts(),
        exact,
      };
    } finally {
      if (!finished) await target.abandon();
    }
  } finally {
    await recording.close();
  }
}

/** How far a conversion has come: by time where the span is known, else by bytes. */
function fractionAt(
  packet: EventPacket,
  recording: OpenRecording,
  wanted: { readonly from?: number; readonly to?: number },
): number {
  const known = recording.info.range;
  const start = wanted.from ?? known?.start;
  const end = wanted.to ?? known?.end;
  if (start === undefined || end === undefined) return recording.progress?.() ?? 0;
  const t = packet.t0 + (packet.words[packet.words.length - 2] ?? 0);
  return end > start ? Math.min(1, Math.max(0, (t - start) / (end - start))) : 1;
}
