import { totalmem } from "node:os";
import { AppError, toAppError, toErrorData, type AppErrorData } from "#shared/api/errors.ts";
import type { RecordOptions, StreamStatus } from "#shared/api/stream-api.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { appendFile, type ByteSink } from "#main/lib/files.ts";
import { hostTimeUs } from "#main/lib/host-time.ts";
import type { Camera, Driver } from "#main/units/drivers/driver.ts";
import type { Decoder } from "#main/units/encodings/encoding.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { ChunkRing } from "./chunk-ring.ts";
import { classifyTap } from "./classify.ts";
import { comeback } from "./comeback.ts";
import { HostClock } from "./host-clock.ts";
import { Hub } from "./hub.ts";
import { LiveDecoder } from "./live-decoder.ts";
import { attempt, failedFeed, signalOf, viewFeed, type OpenStream } from "./open-stream.ts";
import { startRecorder, type Recorder } from "./recorder.ts";
import { Pulse, statusFeed } from "./status-feed.ts";
import { Takes } from "./takes.ts";

/** What is kept of the past for recordings that begin before their button, and for a disk that hesitates: a small part of the memory. */
const MIB = 1024 * 1024;
const RING_BYTES = Math.min(512 * MIB, Math.max(128 * MIB, Math.floor(totalmem() / 48)));

const onlyRecordings = (what: string): Promise<never> =>
  Promise.reject(new AppError("unsupported", `A camera cannot ${what}`, { hint: "Record it, and play the recording." }));

export interface CameraStreamOptions {
  readonly ringBytes?: number;
  /** Makes the file of a recording; tests put full and slow disks here. */
  readonly createFile?: (path: string) => Promise<ByteSink>;
  /** The clock of this machine, µs; tests have their own. */
  readonly hostTimeUs?: () => number;
  /** How often an unplugged camera is looked for, ms. */
  readonly lookMs?: number;
}

/** Opens a camera and starts it. @throws AppError `not-found`, `denied`, `busy`, `bad-parameter`, … */
export async function openCameraStream(
  driver: Driver,
  device: { readonly id: string; readonly label: string; readonly serial: string; readonly virtual: boolean },
  raw: RawParams,
  options: CameraStreamOptions = {},
): Promise<OpenStream> {
  const owner = `camera "${device.label}"`;
  const now = options.hostTimeUs ?? hostTimeUs;
  let params = parseParams(driver.params, raw, owner);
  let camera = await driver.open(device.id, params);
  const { info } = camera;
  const encoding = findUnit("encoding", encodings, camera.encoding.id);
  const decoderFor = (opened: Camera): Decoder => encoding.createDecoder(info.sensor, opened.decoderState);
  const ring = new ChunkRing(options.ringBytes ?? RING_BYTES, encoding.wordBytes);
  const hub = new Hub(info.sensor);
  const pulse = new Pulse();
  let clock = new HostClock();
  const decoder = new LiveDecoder(ring, hub, decoderFor(camera), clock, () => takes.recorder?.decoded());
  const closing = new AbortController();
  let state: "opening" | "live" | "failed" = "opening";
  let error: AppErrorData | undefined;
  let awaiting = false;
  let lostChunks = 0;
  /** What cameras before this one had lost: the same one, before it was unplugged. */
  let droppedBefore = 0;
  /** The first chunk of the camera as it is plugged in now. */
  let since = 0;

  const losses = () => ({ dropped: lostChunks + droppedBefore + (camera.dropped?.() ?? 0), damage: decoder.gaps });

  const begin = async (wanted: RecordOptions, failed: (error: AppError) => void): Promise<Recorder> => {
    const { path, beforeUs = 0, together } = wanted;
    error = undefined;
    const from = firstChunk(ring, hub.t - beforeUs, beforeUs > 0 ? Math.max(since, ring.oldest) : ring.next);
    const kept = ring.hold(from);
    const ownClock = clock;
    try {
      // A closed stream decodes nothing more: waiting on would never end.
      if (!(await decoder.reaches(from)))
        throw new AppError("closed", `${device.label} was closed before its recording began`, { hint: "Open it again." });
      return await startRecorder({
        path,
        ring,
        from,
        state: decoder.stateAt(from),
        info,
        encoding,
        codec: camera.codec,
        metadata: { ...camera.metadata, ...(together === undefined ? {} : { recorded_together: together.id }) },
        camera: {
          id: device.id,
          driver: driver.id,
          label: device.label,
          serial: device.serial,
          virtual: device.virtual,
          params,
        },
        ...(together === undefined ? {} : { together }),
        generated: device.virtual,
        losses,
        hostClock: () => ownClock.estimate(),
        failed,
        createFile: options.createFile ?? appendFile,
      });
    } finally {
      ring.release(kept);
    }
  };
  const takes: Takes = new Takes({
    label: device.label,
    begin,
    failed: (failure) => {
      error = toErrorData(failure);
      pulse.fire();
    },
    changed: () => pulse.fire(),
  });

  const onBytes = (bytes: Uint8Array, gap = false): void => {
    if (closing.signal.aborted || bytes.length === 0) return;
    const { recorder } = takes;
    if (recorder !== undefined && recorder.hold.seq > decoder.seq && !ring.fits(bytes.length)) decoder.skip();
    const chunk = ring.push(bytes, gap, now());
    if (chunk === undefined && recorder !== undefined && recorder.hold.seq < decoder.seq) {
      const { bytes: waiting, slowestMs } = recorder.waiting;
      recorder.fail(
        new AppError("io", `The disk is too slow for the camera: recording stopped`, {
          hint: `${Math.round(waiting / 1e6)} MB waited for it; one write took ${slowestMs} ms. Record to a faster disk, or lower the camera's event rate.`,
        }),
      );
    }
    if (chunk === undefined) {
      lostChunks += 1;
      return;
    }
    recorder?.arrived(chunk);
    decoder.arrived(chunk);
  };
  const onEnd = (reason?: Error): void => {
    if (closing.signal.aborted) return;
    const gone =
      reason === undefined
        ? new AppError("camera-gone", `${device.label} has stopped sending`, { hint: "Open it again." })
        : toAppError(reason);
    state = "failed";
    awaiting = reason !== undefined && gone.code === "camera-gone";
    error = toErrorData(gone);
    takes.interrupt(gone);
    if (awaiting) void goOn();
    pulse.fire();
  };
  /** Waits until the camera is plugged in again, and goes on: also with what was being recorded, in a new file. */
  const goOn = async (): Promise<void> => {
    const { id, serial } = device;
    const lost = { driver, id, serial, sensor: info.sensor, params: () => params };
    const back = await comeback(lost, closing.signal, options.lookMs);
    // What came before is looked at by the old decoder.
    if (back === undefined || !(await decoder.reaches(ring.next))) {
      await back?.stop();
      return;
    }
    droppedBefore += camera.dropped?.() ?? 0;
    camera = back;
    clock = new HostClock();
    decoder.use(decoderFor(back), clock);
    ring.begin();
    since = ring.next;
    awaiting = false;
    state = "live";
    error = undefined;
    await takes.resume();
    if (closing.signal.aborted) return;
    camera.start(onBytes, onEnd);
    pulse.fire();
  };

  const status = (): StreamStatus => {
    const truth = camera.truth?.();
    const estimate = clock.estimate();
    return {
      state,
      t: hub.t,
      speed: 1,
      loop: undefined,
      ...hub.rates(),
      backlogBytes: decoder.backlogBytes,
      behindUs: Math.round(decoder.delayMs * 1000),
      dropped: losses().dropped,
      damage: decoder.gaps,
      ...(decoder.skippedBytes > 0 ? { skippedBytes: decoder.skippedBytes } : {}),
      recording: takes.progress(),
      ...(truth === undefined ? {} : { truth }),
      ...(estimate === undefined ? {} : { clock: estimate }),
      ...(awaiting ? { awaiting: takes.waiting ? ("recording" as const) : ("camera" as const) } : {}),
      ...(error === undefined ? {} : { error: awaiting ? { ...error, hint: hintFor(takes.waiting) } : error }),
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
      // An unplugged camera is set so when it is there again.
      if (!awaiting) await camera.update(parsed, params);
      params = parsed;
      pulse.fire();
    },
    view: (view, signal?: AbortSignal) => viewFeed(hub, view, signalOf(signal), undefined, () => undefined),
    status: (signal?: AbortSignal) => statusFeed(status, pulse, signalOf(signal)),
    rate: () => onlyRecordings("show rates over its whole length"),
    readings: async () => (await camera.readings?.()) ?? [],
    record: async (wanted) => {
      if (state !== "live") throw new AppError("camera-gone", `${device.label} is not running`, { hint: "Open it again." });
      await takes.start(wanted);
    },
    stopRecording: () => takes.stop(),
    classify: (wanted, signal?: AbortSignal) =>
      wanted.offline === undefined
        ? classifyTap(hub, wanted, signalOf(signal), undefined, () => undefined)
        : failedFeed(
            new AppError("unsupported", "A camera has no past to classify", { hint: "Record it, and classify the recording." }),
          ),
    close: async () => {
      await camera.stop();
      await takes.close();
      closing.abort();
      decoder.close();
      hub.end();
      pulse.fire();
    },
  };
}

const hintFor = (recording: boolean): string =>
  recording ? "Plug it in again: recording goes on in a new file." : "Plug it in again: it goes on by itself.";

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
