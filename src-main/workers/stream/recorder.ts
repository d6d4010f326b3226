import { access, rm } from "node:fs/promises";
import { AppError, toAppError, toErrorData } from "#shared/api/errors.ts";
import type { RecordingProgress, RecordingResult, Together } from "#shared/api/stream-api.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import { sidecarPath, writeSidecar, type Sidecar } from "#main/lib/sidecar.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { findUnit } from "#shared/units/unit.ts";
import type { Chunk, ChunkRing, Hold } from "./chunk-ring.ts";
import { beginningOf, fileClock, type RecordingStart } from "./recording-start.ts";
import { shiftedClock, type ClockEstimate } from "./host-clock.ts";
import { growingPath } from "./settle.ts";

/** What has been written reaches the disk at least this often: so much is lost when the power fails. */
const FLUSH_MS = 1000;
/** A write that takes longer is worth a line in the log, ms: the ring holds a few seconds. */
const SLOW_MS = 500;
/** Chunks that lie together are written together, up to so much: a turn of the event loop is too dear for each. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024;

export interface RecorderOptions extends RecordingStart {
  readonly path: string;
  readonly ring: ChunkRing;
  /** First chunk to write. */
  readonly from: number;
  readonly codec: string;
  /** What the sidecar says of the camera. */
  readonly camera: Sidecar["camera"];
  readonly generated: boolean;
  /** Recordings of several cameras that were begun together have the same. */
  readonly together?: Together;
  /** The camera's clock against this machine's, as far as it is known now. */
  readonly hostClock?: () => ClockEstimate | undefined;
  /** Lost and misunderstood so far, by the whole stream. */
  readonly losses: () => { readonly dropped: number; readonly damage: number };
  /** Told when the recording has ended by itself. */
  readonly failed: (error: AppError) => void;
  /** Makes the file, which must not exist. */
  readonly createFile: (path: string) => Promise<ByteSink>;
}

/** Writes what a camera sends, untouched, as it comes. */
export interface Recorder {
  /** A new chunk is in the ring. */
  arrived(chunk: Chunk): void;
  /** The decoder has been through more chunks. */
  decoded(): void;
  progress(): RecordingProgress;
  /** Bytes that wait to be written, and how long the slowest write so far took, ms. */
  readonly waiting: { readonly bytes: number; readonly slowestMs: number };
  /** The smallest chunk it still needs. */
  readonly hold: Hold;
  /** Ends it with a reason; what has come is written first. */
  fail(error: AppError): void;
  /** Writes what the ring holds and closes the file. The same answer each time. */
  stop(): Promise<RecordingResult>;
}

/** Starts a recording. @throws AppError `exists`, `denied`, `disk-full`, …; nothing is left behind then. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { ring, info, encoding } = options;
  const wanted = findUnit("codec", codecs, options.codec);
  const { codec, header, preamble, decoder } = beginningOf(wanted, options);
  const path = codec === wanted ? options.path : growingPath(options.path, wanted.extensions[0] ?? "");
  const hold = ring.hold(options.from);
  let file: ByteSink;
  let sidecar: Sidecar = {
    schema: 1,
    state: "recording",
    codec: codec.id,
    encoding: encoding.id,
    ...(codec === wanted ? {} : { becomes: wanted.id }),
    sensor: info.sensor,
    ...(options.camera === undefined ? {} : { camera: options.camera }),
    generated: options.generated,
    ...(options.together === undefined ? {} : { together: options.together }),
    metadata: options.metadata,
    startedAt: new Date().toISOString(),
  };
  try {
    if (path !== options.path) await refuseExisting(options.path);
    await refuseExisting(sidecarPath(path));
    file = await options.createFile(path);
  } catch (error) {
    ring.release(hold);
    throw error;
  }
  const before = options.losses();
  try {
    await file.write(header);
    await file.write(preamble);
    await file.flush();
    await writeSidecar(path, sidecar);
  } catch (error) {
    ring.release(hold);
    // The first failure is the one to tell; this only cleans up what has just been made here.
    await file.close().catch((failure: unknown) => log("warning", "recorder", String(failure)));
    await rm(path, { force: true });
    throw error;
  }

  const first = options.from;
  let end = Infinity;
  let stopping = false;
  let stopped: AppError | undefined;
  let broken = false;
  let pendingBytes = 0;
  let wake: (() => void) | undefined;
  let unflushed = false;
  let mostBytes = MAX_WRITE_BYTES;
  let slowestMs = 0;
  let flushing: Promise<void> | undefined;
  let written = file.position;
  let events = 0;
  let uncountedBytes = 0;
  let decodedTo = first;
  let peakBacklogBytes = 0;
  let firstTime: number | undefined;
  let lastTime: number | undefined;
  let counted: (() => void) | undefined;
  const clock = fileClock(decoder, preamble);

  const count = (chunk: Chunk): void => {
    if (chunk.skipped) uncountedBytes += chunk.bytes.length;
    if (clock.offset === undefined) {
      const seen = clock.look(chunk, chunk.bytes);
      events += seen.events;
      firstTime ??= seen.first;
    } else {
      events += chunk.events;
      if (firstTime === undefined && chunk.first !== undefined) firstTime = chunk.first - clock.offset;
    }
    if (chunk.last !== undefined && clock.offset !== undefined) lastTime = chunk.last - clock.offset;
  };
  /** Counts what has been both written and decoded, whichever comes last. */
  const countDecoded = (): void => {
    for (let chunk = ring.get(decodedTo); chunk?.decoded === true && decodedTo < hold.seq; chunk = ring.get(decodedTo)) {
      count(chunk);
      decodedTo += 1;
    }
    if (decodedTo >= end) counted?.();
  };

  function writeFailed(error: unknown): void {
    if (broken) return;
    broken = true;
    stopped ??= toAppError(error);
    end = Math.min(end, hold.seq);
    wake?.();
    if (!stopping) options.failed(stopped);
  }
  /** Flushing takes as long as the disk wants; writing goes on meanwhile, and comes first when much waits for it. */
  const flush = (): void => {
    if (!unflushed || flushing !== undefined || pendingBytes > MAX_WRITE_BYTES) return;
    unflushed = false;
    flushing = file
      .flush()
      .catch(writeFailed)
      .finally(() => (flushing = undefined));
  };
  /** What comes next and lies in one piece. */
  const nextPart = (): { readonly bytes: Uint8Array; readonly to: number } | undefined => {
    const begin = hold.seq < end ? ring.get(hold.seq) : undefined;
    if (begin === undefined) return undefined;
    const { buffer, byteOffset } = begin.bytes;
    let { length } = begin.bytes;
    let to = hold.seq + 1;
    for (; to < end && length < mostBytes; to++) {
      const next = ring.get(to);
      if (next === undefined || next.bytes.byteOffset !== byteOffset + length) break;
      length += next.bytes.length;
    }
    return { bytes: new Uint8Array(buffer, byteOffset, length), to };
  };
  const write = async (): Promise<void> => {
    let flushedAt = performance.now();
    while (!broken) {
      const part = nextPart();
      if (part === undefined) {
        if (stopping || hold.seq >= end) return;
        const timer = setTimeout(() => wake?.(), FLUSH_MS);
        await new Promise<void>((resolve) => (wake = resolve));
        clearTimeout(timer);
      } else {
        const began = performance.now();
        try {
          await file.write(part.bytes);
          const tookMs = performance.now() - began;
          slowestMs = Math.max(slowestMs, tookMs);
          if (tookMs > SLOW_MS)
            log("warning", "recorder", `the disk took ${Math.round(tookMs)} ms for ${part.bytes.length} bytes of ${path}`);
        } catch (error) {
          if (part.to === hold.seq + 1) throw error;
          // Of what was to be written together, a part may find room.
          mostBytes = 0;
          continue;
        }
        unflushed = true;
        written = file.position;
        pendingBytes -= part.bytes.length;
        hold.seq = part.to;
        countDecoded();
      }
      if (performance.now() - flushedAt >= FLUSH_MS) {
        flush();
        flushedAt = performance.now();
      }
    }
  };
  const fail = (error: AppError): void => {
    if (stopped !== undefined || stopping) return;
    stopped = error;
    end = Math.min(end, ring.next);
    wake?.();
    options.failed(error);
  };
  const writing = write().catch(writeFailed);

  const finish = async (): Promise<RecordingResult> => {
    end = Math.min(end, ring.next);
    stopping = true;
    wake?.();
    await writing;
    await flushing;
    end = Math.min(end, hold.seq);
    countDecoded();
    if (decodedTo < end) await new Promise<void>((resolve) => (counted = resolve));
    ring.release(hold);
    try {
      await file.close();
    } catch (error) {
      stopped ??= toAppError(error);
    }
    const losses = options.losses();
    const estimate = options.hostClock?.();
    const hostClock = estimate === undefined ? {} : { clock: shiftedClock(estimate, clock.offset ?? 0) };
    const range = { start: firstTime ?? 0, end: lastTime === undefined ? (firstTime ?? 0) : lastTime + 1 };
    const result: RecordingResult = {
      path,
      bytes: written,
      events,
      seconds: (range.end - range.start) / 1e6,
      dropped: losses.dropped - before.dropped,
      peakBacklogBytes,
      range,
      ...(uncountedBytes > 0 ? { uncountedBytes } : {}),
      ...hostClock,
      ...(codec === wanted ? {} : { becomes: wanted.id }),
      ...(stopped === undefined ? {} : { stopped: toErrorData(stopped) }),
    };
    sidecar = {
      ...sidecar,
      state: "closed",
      closedAt: new Date().toISOString(),
      // Where the decoder skipped, counts are known to whoever reads the file.
      ...(uncountedBytes > 0 ? {} : { events, range }),
      bytes: written,
      ...hostClock,
      losses: { dropped: result.dropped, damage: losses.damage - before.damage, peakBacklogBytes },
      ...(stopped === undefined ? {} : { stopped: toErrorData(stopped) }),
    };
    try {
      await writeSidecar(path, sidecar);
    } catch (error) {
      // The recording is whole without it: a sidecar that says "recording" is put right when the file is next looked at.
      log("warning", "recorder", toAppError(error).message);
    }
    return result;
  };

  for (let seq = first; seq < ring.next; seq++) pendingBytes += ring.get(seq)?.bytes.length ?? 0;
  countDecoded();
  let finished: Promise<RecordingResult> | undefined;
  return {
    hold,
    arrived: (chunk) => {
      pendingBytes += chunk.bytes.length;
      peakBacklogBytes = Math.max(peakBacklogBytes, pendingBytes);
      wake?.();
    },
    decoded: countDecoded,
    get waiting() {
      return { bytes: pendingBytes, slowestMs: Math.round(slowestMs) };
    },
    progress: () => ({
      path,
      seconds: firstTime === undefined || lastTime === undefined ? 0 : Math.max(0, lastTime - firstTime) / 1e6,
      bytes: written,
      events,
    }),
    fail,
    stop: () => (finished ??= finish()),
  };
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path);
  } catch {
    return; // it is not there: good
  }
  throw new AppError("exists", `Could not create ${path}: it exists already`, { hint: "Choose another name." });
}
