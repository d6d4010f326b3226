import { AppError, toAppError, toErrorData, type AppErrorData } from "#shared/api/errors.ts";
import type { RecordingResult, StreamStatus } from "#shared/api/stream-api.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { firstTime, lastTime } from "#shared/events/packet.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { appendFile, type ByteSink } from "#main/lib/files.ts";
import type { Driver } from "#main/units/drivers/driver.ts";
import type { DecoderState } from "#main/units/encodings/encoding.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { ChunkRing, type Chunk } from "./chunk-ring.ts";
import { classifyTap } from "./classify.ts";
import { Hub } from "./hub.ts";
import { attempt, failedFeed, signalOf, viewFeed, type OpenStream } from "./open-stream.ts";
import { startRecorder, type Recorder } from "./recorder.ts";
import { Pulse, statusFeed } from "./status-feed.ts";

/** What is kept of the past for recordings that begin before their button, and for a disk that hesitates. */
const RING_BYTES = 128 * 1024 * 1024;
/** Decoding gives way to everything else after so long, ms. */
const DECODE_BUDGET_MS = 10;

const onlyRecordings = (what: string): Promise<never> =>
  Promise.reject(new AppError("unsupported", `A camera cannot ${what}`, { hint: "Record it, and play the recording." }));

export interface CameraStreamOptions {
  readonly ringBytes?: number;
  /** Makes the file of a recording; tests put full and slow disks here. */
  readonly createFile?: (path: string) => Promise<ByteSink>;
}

/** Opens a camera and starts it. @throws AppError `not-found`, `denied`, `busy`, `bad-parameter`, … */
export async function openCameraStream(
  driver: Driver,
  device: { readonly id: string; readonly label: string; readonly serial: string; readonly virtual: boolean },
  raw: RawParams,
  options: CameraStreamOptions = {},
): Promise<OpenStream> {
  const owner = `camera "${device.label}"`;
  let params = parseParams(driver.params, raw, owner);
  const camera = await driver.open(device.id, params);
  const { info } = camera;
  const encoding = findUnit("encoding", encodings, camera.encoding.id);
  const decoder = encoding.createDecoder(info.sensor, camera.decoderState);
  const ring = new ChunkRing(options.ringBytes ?? RING_BYTES, encoding.wordBytes);
  const toDecode = ring.hold(0);
  const hub = new Hub(info.sensor);
  const pulse = new Pulse();
  const writer = new PacketWriter();
  let state: "opening" | "live" | "failed" = "opening";
  let error: AppErrorData | undefined;
  let backlogBytes = 0;
  let lostChunks = 0;
  let gaps = 0;
  let skippedBytes = 0;
  /** The decoder has passed over what came before the next chunk. */
  let behind = false;
  let pumping = false;
  let closed = false;
  let begun = false;
  let recorder: Recorder | undefined;
  let starting = false;
  let ended: RecordingResult | undefined;
  /** Least difference ever between wall and stream time: what is above it is delay. */
  let leastDelayMs = Infinity;
  let delayMs = 0;

  const losses = () => ({ dropped: lostChunks + (camera.dropped?.() ?? 0), damage: gaps });

  /** A camera's clock does not begin at zero. */
  const begin = (t: number): void => {
    if (begun) return;
    begun = true;
    hub.reset(t);
  };

  const decode = (chunk: Chunk): void => {
    if (chunk.gap) gaps += 1;
    if (chunk.gap || behind) decoder.resync?.();
    behind = false;
    chunk.before = decoder.state();
    for (let rest = chunk.bytes; rest.length > 0;) {
      const used = decoder.decode(rest, writer);
      const packet = writer.take();
      if (packet.words.length > 0) {
        chunk.events += packet.words.length >>> 1;
        chunk.first ??= firstTime(packet);
        chunk.last = lastTime(packet);
        if (chunk.first !== undefined) begin(chunk.first);
        hub.push(packet);
      } else if (used === 0) {
        break; // the decoder's promise is broken: better a lost transfer than an endless loop
      }
      rest = rest.subarray(used);
    }
    // Recordings find what lies beside the events in the bytes; here nobody takes it, and it must not pile up.
    decoder.triggers();
    decoder.imu?.();
    decoder.frames?.();
    chunk.time = decoder.time();
    chunk.decoded = true;
    if (chunk.time === undefined) return;
    begin(chunk.time);
    const wallMinusStream = performance.now() - chunk.time / 1000;
    leastDelayMs = Math.min(leastDelayMs, wallMinusStream);
    delayMs = wallMinusStream - leastDelayMs;
    hub.advance(Math.max(hub.t, chunk.time));
  };

  const pump = (): void => {
    pumping = false;
    const until = performance.now() + DECODE_BUDGET_MS;
    for (let chunk = ring.get(toDecode.seq); chunk !== undefined; chunk = ring.get(toDecode.seq)) {
      if (performance.now() > until) {
        schedule();
        return;
      }
      backlogBytes -= chunk.bytes.length;
      decode(chunk);
      recorder?.decoded();
      toDecode.seq += 1;
    }
  };
  const schedule = (): void => {
    if (pumping || closed) return;
    pumping = true;
    setImmediate(pump);
  };

  /** A recording that has ended by itself is closed at once; its result waits for whoever asks. */
  const closeRecording = async (): Promise<void> => {
    const own = recorder;
    if (own === undefined) return;
    try {
      ended = await own.stop();
    } catch (failure) {
      error = toErrorData(failure);
    }
    if (recorder === own) recorder = undefined;
    pulse.fire();
  };
  const recordingFailed = (failure: AppError): void => {
    error = toErrorData(failure);
    pulse.fire();
    void closeRecording();
  };

  /** Where the decoder stands before this chunk: known once it has come to it. */
  const stateAt = async (seq: number): Promise<DecoderState> => {
    // A closed stream decodes nothing more: waiting on would never end.
    while (toDecode.seq < seq && !closed) await new Promise((resolve) => setImmediate(resolve));
    if (closed) throw new AppError("closed", `${device.label} was closed before its recording began`, { hint: "Open it again." });
    return (toDecode.seq === seq ? undefined : ring.get(seq)?.before) ?? decoder.state();
  };

  /** Recording goes on, looking does not: what is on its way to the disk is not decoded any more. */
  const skipDecoding = (own: Recorder): void => {
    for (let seq = toDecode.seq; seq < ring.next; seq++) {
      const chunk = ring.get(seq);
      if (chunk === undefined) continue;
      chunk.skipped = chunk.decoded = true;
      skippedBytes += chunk.bytes.length;
    }
    toDecode.seq = ring.next;
    backlogBytes = 0;
    behind = true;
    own.decoded();
  };

  const onBytes = (bytes: Uint8Array, gap = false): void => {
    if (closed || bytes.length === 0) return;
    if (recorder !== undefined && recorder.hold.seq > toDecode.seq && !ring.fits(bytes.length)) skipDecoding(recorder);
    const chunk = ring.push(bytes, gap);
    if (chunk === undefined && recorder !== undefined && recorder.hold.seq < toDecode.seq) {
      recorder.fail(
        new AppError("io", `The disk is too slow for the camera: recording stopped`, {
          hint: "Record to a faster disk, or lower the camera's event rate.",
        }),
      );
    }
    if (chunk === undefined) {
      lostChunks += 1;
      return;
    }
    backlogBytes += bytes.length;
    recorder?.arrived(chunk);
    schedule();
  };
  const onEnd = (reason?: Error): void => {
    if (closed) return;
    const gone =
      reason === undefined
        ? new AppError("camera-gone", `${device.label} has stopped sending`, { hint: "Open it again." })
        : toAppError(reason);
    state = "failed";
    error = toErrorData(gone);
    recorder?.fail(gone);
    pulse.fire();
  };

  const status = (): StreamStatus => {
    const truth = camera.truth?.();
    return {
      state,
      t: hub.t,
      speed: 1,
      loop: undefined,
      ...hub.rates(),
      backlogBytes,
      behindUs: Math.round(delayMs * 1000),
      dropped: losses().dropped,
      damage: gaps,
      ...(skippedBytes > 0 ? { skippedBytes } : {}),
      recording: recorder?.progress(),
      ...(truth === undefined ? {} : { truth }),
      ...(error === undefined ? {} : { error }),
    };
  };

  camera.start(onBytes, onEnd);
  state = "live";

  return {
    info: () => Promise.resolve(info),
    play: () => attempt(() => undefined),
    pause: () => onlyRecordings("be paused"),
    seek: () => onlyRecordings("go to another time"),
    step: () => onlyRecordings("go to another time"),
    setSpeed: () => onlyRecordings("run at another speed"),
    setReverse: () => onlyRecordings("run backwards"),
    setLoop: () => onlyRecordings("play in a loop"),
    setFilters: (filters) =>
      attempt(() => {
        hub.setFilters(filters);
        hub.reset(hub.t);
      }),
    configure: async (next) => {
      const parsed = parseParams(driver.params, { ...params, ...next }, owner);
      await camera.update(parsed, params);
      params = parsed;
      pulse.fire();
    },
    view: (view, signal?: AbortSignal) => viewFeed(hub, view, signalOf(signal), undefined, () => undefined),
    status: (signal?: AbortSignal) => statusFeed(status, pulse, signalOf(signal)),
    rate: () => onlyRecordings("show rates over its whole length"),
    readings: async () => (await camera.readings?.()) ?? [],
    record: async ({ path, beforeUs = 0 }) => {
      if (state !== "live") throw new AppError("camera-gone", `${device.label} is not running`, { hint: "Open it again." });
      if (recorder !== undefined || starting) {
        throw new AppError("busy", `${device.label} is being recorded already`, {
          hint: "Stop that recording first.",
        });
      }
      ended = undefined;
      error = undefined;
      starting = true;
      const from = firstChunk(ring, hub.t - beforeUs, beforeUs > 0 ? ring.oldest : ring.next);
      const kept = ring.hold(from);
      try {
        recorder = await startRecorder({
          path,
          ring,
          from,
          state: await stateAt(from),
          info,
          encoding,
          codec: camera.codec,
          metadata: camera.metadata,
          camera: {
            id: device.id,
            driver: driver.id,
            label: device.label,
            serial: device.serial,
            virtual: device.virtual,
            params,
          },
          generated: device.virtual,
          losses,
          failed: recordingFailed,
          createFile: options.createFile ?? appendFile,
        });
      } finally {
        ring.release(kept);
        starting = false;
      }
      pulse.fire();
    },
    stopRecording: async () => {
      const own = recorder;
      if (own !== undefined) {
        const result = await own.stop();
        if (recorder === own) recorder = undefined;
        pulse.fire();
        return result;
      }
      if (ended === undefined) throw new AppError("not-found", "Nothing is being recorded", { hint: "Start a recording first." });
      const result = ended;
      ended = undefined;
      return result;
    },
    classify: (wanted, signal?: AbortSignal) =>
      wanted.offline === undefined
        ? classifyTap(hub, wanted, signalOf(signal), undefined, () => undefined)
        : failedFeed(
            new AppError("unsupported", "A camera has no past to classify", { hint: "Record it, and classify the recording." }),
          ),
    close: async () => {
      await camera.stop();
      await recorder?.stop();
      closed = true;
      hub.end();
      pulse.fire();
    },
  };
}

/** The chunk a recording begins with: the oldest not before `t`, at the beginning of a word. */
function firstChunk(ring: ChunkRing, t: number, oldest: number): number {
  let seq = ring.next;
  while (seq > oldest) {
    const chunk = ring.get(seq - 1);
    if (chunk === undefined || (chunk.time !== undefined && chunk.time < t)) break;
    seq -= 1;
  }
  while (ring.get(seq)?.aligned === false || ring.get(seq)?.skipped === true) seq += 1;
  return seq;
}
