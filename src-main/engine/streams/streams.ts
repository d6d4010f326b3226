import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { EngineApi, StreamHandle, SystemStatus } from "#shared/api/engine-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { StreamRef } from "#shared/api/stream-api.ts";
import { formatSpan } from "#shared/events/time.ts";
import type { Host } from "#main/hosts/host.ts";
import { log } from "#main/lib/log.ts";
import { recordingFrom, wholeClip } from "#main/engine/library/from-inspection.ts";
import type { Workspace } from "#main/engine/workspace/workspace.ts";
import { explain, type StreamWorker, type Workers } from "#main/engine/workers.ts";
import { freePath, safeName, stampOf } from "./take-name.ts";

type Recording = { readonly path: string; readonly since: number };
type Open = {
  readonly id: string;
  readonly ref: StreamRef;
  readonly worker: StreamWorker;
  readonly endpoint: string;
  recording?: Recording;
};
type Label = NonNullable<Parameters<EngineApi["streams"]["stopRecording"]>[1]>;
type Taken = Awaited<ReturnType<EngineApi["streams"]["stopRecording"]>>;

/** The open streams: a worker each. */
export interface Streams {
  open(ref: StreamRef): Promise<StreamHandle>;
  close(id: string): Promise<void>;
  worker(id: string): StreamWorker;
  record(id: string, options: { readonly name?: string; readonly beforeUs?: number }): Promise<void>;
  stopRecording(id: string, label: Label): Promise<Taken>;
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
  readonly workspace: () => Workspace;
}

/** Recordings keep the bytes of the camera; which format that is says their first line, not their name. */
const EXTENSION = ".raw";

export function createStreams({ host, workers, workspace }: StreamsContext): Streams {
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
  const keep = async (path: string, label: Label): Promise<Taken> => {
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
    const segments = classId !== undefined || wholeClip(found).length > 0 ? [whole] : [];
    const span = formatSpan(found.range.end - found.range.start);
    const text = className === undefined ? `Recorded ${span}` : `Recorded ${span} as ${className}`;
    const [recordingId = "", segmentId] = library.add([{ ...recording, segments }], text).created;
    return {
      recording: library.recording(recordingId),
      ...(segmentId !== undefined && { segment: library.segment(segmentId) }),
    };
  };

  /** What a dead worker had written is a recording all the same. */
  const rescue = async ({ path }: Recording): Promise<void> => {
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

  const stopRecording = async (id: string, label: Label): Promise<Taken> => {
    const stream = must(id);
    if (stream.recording === undefined) {
      throw new AppError("bad-argument", `The stream ${id} is not being recorded`, { hint: "Start a recording first." });
    }
    let path: string;
    try {
      ({ path } = await stream.worker.api.stream.stopRecording());
    } catch (error) {
      throw await explain(error, stream.worker, "stream");
    }
    delete stream.recording;
    return keep(path, label);
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
    record: async (id, { name, beforeUs }) => {
      const stream = must(id);
      const { path: folder, readOnly } = workspace();
      if (readOnly) {
        throw new AppError("read-only", `The workspace ${folder} cannot be written to`, {
          hint: "Open another workspace to record.",
        });
      }
      if (stream.recording !== undefined) {
        throw new AppError("busy", `The stream ${id} is being recorded already`, { hint: "Stop that recording first." });
      }
      const path = freePath(join(folder, "recordings"), safeName(name ?? stampOf(new Date())), EXTENSION);
      stream.recording = { path, since: Date.now() };
      try {
        await stream.worker.api.stream.record({ path, ...(beforeUs !== undefined && { beforeUs }) });
      } catch (error) {
        delete stream.recording;
        throw await explain(error, stream.worker, "stream");
      }
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
