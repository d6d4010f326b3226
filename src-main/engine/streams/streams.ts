import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { EngineApi, StreamHandle, SystemStatus, Take } from "#shared/api/engine-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { RecordingResult, RecordOptions, StreamRef } from "#shared/api/stream-api.ts";
import { formatSpan } from "#shared/events/time.ts";
import type { Host } from "#main/hosts/host.ts";
import { freePath, seriesOf } from "#main/lib/free-path.ts";
import { hostTimeUs } from "#main/lib/host-time.ts";
import { log } from "#main/lib/log.ts";
import { readSidecar, type Sidecar } from "#main/lib/sidecar.ts";
import { recordingFrom, wholeClip } from "#main/engine/library/from-inspection.ts";
import type { Workspace } from "#main/engine/workspace/workspace.ts";
import { explain, type StreamWorker, type Workers } from "#main/engine/workers.ts";
import type { Settling } from "./settling.ts";
import { safeName, stampOf } from "./take-name.ts";

type Recording = { readonly path: string; readonly since: number };
type Open = {
  readonly id: string;
  readonly ref: StreamRef;
  readonly worker: StreamWorker;
  readonly endpoint: string;
  recording?: Recording;
};
type Label = NonNullable<Parameters<EngineApi["streams"]["stopRecording"]>[1]>;

/** The open streams: a worker each. */
export interface Streams {
  open(ref: StreamRef): Promise<StreamHandle>;
  close(id: string): Promise<void>;
  worker(id: string): StreamWorker;
  record(id: string, options: { readonly name?: string; readonly beforeUs?: number }): Promise<void>;
  recordTogether(ids: readonly string[], options?: { readonly name?: string }): Promise<void>;
  stopRecording(id: string, label: Label): Promise<Take>;
  /** The recording that has been going on for longest, for the status bar. */
  recording(): SystemStatus["recording"];
  /** Cameras that are open here. */
  openCameras(): ReadonlySet<string>;
  /** Ends every stream; recordings are kept. */
  closeAll(): Promise<void>;
}

export interface StreamsContext {
  readonly host: Host;
  readonly workers: Workers;
  readonly settling: Settling;
  readonly workspace: () => Workspace;
}

/** Recordings keep the bytes of the camera; which format that is says their first line, not their name. */
const EXTENSION = ".raw";

/** A path for each stream, named after its camera and different from the others. */
function takePaths(streams: readonly Open[], pathFor: (suffix: string) => string): readonly string[] {
  return streams.map((stream, i) => {
    const label = stream.ref.kind === "camera" ? stream.ref.deviceId : "";
    const twin = streams.some((other, j) => j < i && other.ref.kind === "camera" && other.ref.deviceId === label);
    return pathFor(twin ? ` ${label} ${i + 1}` : ` ${label}`);
  });
}

export function createStreams({ host, workers, settling, workspace }: StreamsContext): Streams {
  const open = new Map<string, Open>();

  const must = (id: string): Open => {
    const stream = open.get(id);
    if (stream === undefined) {
      throw new AppError("not-found", `The stream ${id} is not open`, { hint: "It may have ended; open it again." });
    }
    return stream;
  };

  /** The span the library knows spares a long recording a pass over the file, unless the file has changed since. */
  const withRange = async (ref: StreamRef): Promise<StreamRef> => {
    if (ref.kind !== "recording") return ref;
    const known = workspace().library.byPath(ref.path);
    if (known === undefined || known.range.end <= known.range.start) return ref;
    const now = await stat(ref.path).catch(() => undefined); // the worker says what is wrong with it
    return now?.size === known.bytes ? { ...ref, range: known.range } : ref;
  };

  /** Puts a finished file into the library, as one edit. */
  const keep = async (path: string, label: Label): Promise<Take> => {
    const { library } = workspace();
    const found = await workers.files((api) => api.inspect(path, { digest: false }));
    const recording = await recordingFrom(found);
    const { classId, subject, condition } = label;
    const className = library.classes().find(({ id }) => id === classId)?.name;
    if (classId !== undefined && className === undefined) {
      throw new AppError("not-found", `There is no class ${classId} in the library`, {
        hint: `The recording is kept as ${path}.`,
      });
    }
    const whole = {
      start: found.range.start,
      end: found.range.end,
      ...(classId !== undefined && { classId }),
      ...(subject !== undefined && { subject }),
      ...(condition !== undefined && { condition }),
      state: classId === undefined ? ("proposed" as const) : ("labelled" as const),
    };
    // A camera that is unplugged at once leaves a take without any event, which is no clip.
    const isClip = found.range.end > found.range.start && (classId !== undefined || wholeClip(found).length > 0);
    const segments = isClip ? [whole] : [];
    const span = formatSpan(found.range.end - found.range.start);
    const text = className === undefined ? `Recorded ${span}` : `Recorded ${span} as ${className}`;
    const [recordingId = "", segmentId] = library.add([{ ...recording, segments }], text).created;
    return {
      recording: library.recording(recordingId),
      ...(segmentId !== undefined && { segment: library.segment(segmentId) }),
    };
  };

  /** What a dead worker had written is a recording all the same, and so is what it had written before its camera was unplugged. */
  const rescue = async ({ path, since }: Recording): Promise<void> => {
    for (const one of seriesOf(path)) {
      const begun = one === path ? since : Date.parse((await sidecarOf(one))?.startedAt ?? "");
      if (begun >= since && workspace().library.byPath(one) === undefined) await rescueOne(one);
    }
  };
  const sidecarOf = (path: string): Promise<Sidecar | undefined> => readSidecar(path).catch(() => undefined); // damaged: not ours
  const rescueOne = async (path: string): Promise<void> => {
    if (!existsSync(path)) return;
    try {
      const kept = await workers.files((api) => api.settle(path));
      await keep(kept, {});
      workspace().notice(`A recording ended early; what had come until then is kept as ${kept}.`);
    } catch (error) {
      log("warning", "streams", `${path} could not be put into the library: ${toErrorData(error).message}`);
    }
  };

  const forget = (stream: Open): void => {
    if (!open.delete(stream.id)) return;
    host.conceal(stream.endpoint);
    if (stream.recording !== undefined) void rescue(stream.recording);
  };

  const close = async (id: string): Promise<void> => {
    const stream = open.get(id);
    if (stream === undefined) return; // closing twice, or after its end, is no mistake
    if (stream.recording !== undefined && stream.worker.ended() === undefined) await stopRecording(id, {});
    forget(stream);
    workers.end(stream.worker);
    await stream.worker.handle.exited;
  };

  const stopRecording = async (id: string, label: Label): Promise<Take> => {
    const stream = must(id);
    if (stream.recording === undefined) {
      throw new AppError("bad-argument", `The stream ${id} is not being recorded`, { hint: "Start a recording first." });
    }
    let result: RecordingResult;
    try {
      result = await stream.worker.api.stream.stopRecording();
    } catch (error) {
      throw await explain(error, stream.worker, "stream");
    }
    delete stream.recording;
    const earlier: Take[] = [];
    for (const one of result.earlier ?? []) earlier.push(await keepResult(one, label));
    const take = await keepResult(result, label);
    return earlier.length === 0 ? take : { ...take, earlier };
  };
  /** What holds a camera's bytes is in the library at once, and gets its final format in the background. */
  const keepResult = async ({ path, becomes }: RecordingResult, label: Label): Promise<Take> => {
    const take = await keep(path, label);
    if (becomes !== undefined) settling.add(workspace(), take.recording.id, path);
    return take;
  };

  /** Where the next take goes. @throws AppError `read-only`. */
  const pathFor = (name: string | undefined, suffix = ""): string => {
    const { path: folder, readOnly } = workspace();
    if (readOnly) {
      throw new AppError("read-only", `The workspace ${folder} cannot be written to`, {
        hint: "Open another workspace to record.",
      });
    }
    return freePath(join(folder, "recordings"), safeName(`${name ?? stampOf(new Date())}${suffix}`), EXTENSION);
  };
  const begin = async (stream: Open, path: string, options: Omit<RecordOptions, "path">): Promise<void> => {
    if (stream.recording !== undefined) {
      throw new AppError("busy", `The stream ${stream.id} is being recorded already`, { hint: "Stop that recording first." });
    }
    stream.recording = { path, since: Date.now() };
    try {
      await stream.worker.api.stream.record({ path, ...options });
    } catch (error) {
      delete stream.recording;
      throw await explain(error, stream.worker, "stream");
    }
  };

  return {
    open: async (ref) => {
      const worker = await workers.takeStream();
      try {
        const info = await worker.api.open(await withRange(ref));
        const id = randomBytes(6).toString("hex");
        const stream: Open = { id, ref, worker, endpoint: host.expose(worker.handle, `stream-${id}`) };
        open.set(id, stream);
        void worker.handle.exited.then(() => forget(stream));
        return { id, info, endpoint: stream.endpoint };
      } catch (error) {
        workers.end(worker);
        throw await explain(error, worker, "stream");
      }
    },
    close,
    worker: (id) => must(id).worker,
    record: async (id, { name, beforeUs }) => begin(must(id), pathFor(name), beforeUs === undefined ? {} : { beforeUs }),
    recordTogether: async (ids, { name } = {}) => {
      const streams = [...new Set(ids)].map(must);
      const together = { id: randomBytes(6).toString("hex"), hostUs: hostTimeUs() };
      // The names first: two at once would each find the same one free.
      const paths = takePaths(streams, (suffix) => pathFor(name, suffix));
      const begun = await Promise.allSettled(streams.map((stream, i) => begin(stream, paths[i] ?? "", { together })));
      const failed = begun.find(({ status }) => status === "rejected");
      if (failed?.status !== "rejected") return;
      for (const [i, stream] of streams.entries()) {
        if (begun[i]?.status !== "fulfilled") continue;
        // All or none: what has begun is a take all the same, and is told.
        const { recording } = await stopRecording(stream.id, {});
        log("warning", "streams", `${recording.path} was ended: another camera could not be recorded`);
      }
      throw failed.reason;
    },
    stopRecording,
    recording: () => {
      const [first] = [...open.values()]
        .flatMap(({ recording }) => (recording === undefined ? [] : [recording]))
        .toSorted((a, b) => a.since - b.since);
      return first && { path: first.path, seconds: (Date.now() - first.since) / 1000 };
    },
    openCameras: () => new Set([...open.values()].flatMap(({ ref }) => (ref.kind === "camera" ? [ref.deviceId] : []))),
    closeAll: async () => {
      const results = await Promise.allSettled([...open.keys()].map(close));
      for (const result of results) if (result.status === "rejected") log("warning", "streams", String(result.reason));
    },
  };
}
