import { readFileSync } from "node:fs";
import { cpus, platform, release } from "node:os";
import { join } from "node:path";
import type { DatasetExportOptions, EngineApi, SystemStatus } from "#shared/api/engine-api.ts";
import { AppError, toAppError } from "#shared/api/errors.ts";
import type { ConvertOptions } from "#shared/api/stream-api.ts";
import { rootDir } from "#main/lib/paths.ts";
import { exportDataset } from "./datasets/export.ts";
import { examine } from "./doctor.ts";
import type { EngineParts } from "./engine.ts";
import { classify } from "./inference.ts";
import { recordingFrom, wholeClip } from "./library/from-inspection.ts";
import { addRecordings } from "./library/add.ts";
import { samplesToEvaluate } from "./models/evaluate.ts";
import { memoryOf, statusFeed } from "./status.ts";
import { padded } from "./topic.ts";
import { explain, type StreamWorkerRemote } from "./workers.ts";

/** Longest side of a picture on a page, px. */
const PICTURE_SIDE = 256;

const { version } = JSON.parse(readFileSync(join(rootDir, "package.json"), "utf8")) as { version: string };

/** A feed by a worker of its own, which ends with it. */
async function* apart<T>(
  { workers }: EngineParts,
  begin: (api: StreamWorkerRemote) => Promise<() => AsyncIterable<T>>,
): AsyncGenerator<T, void, undefined> {
  const worker = await workers.takeStream();
  try {
    // A feed of the channel can be awaited too: behind a function it survives the way through a promise.
    yield* (await begin(worker.api))();
  } catch (error) {
    throw await explain(error, worker, "file");
  } finally {
    workers.end(worker);
  }
}

const withSignal = (signal: AbortSignal | undefined): [] | [AbortSignal] => (signal === undefined ? [] : [signal]);

function filesApi(parts: EngineParts): EngineApi["files"] {
  const { guard, workers } = parts;
  return {
    browse: padded(1, (path?: string) => guard.browse(path)),
    inspect: padded(2, async (path: string, options?: Parameters<EngineApi["files"]["inspect"]>[1]) => {
      const allowed = await guard.allow(path);
      return workers.files((api) => api.inspect(allowed, { ...options, digest: options?.digest ?? false }));
    }),
    readings: async (path) => {
      const allowed = await guard.allow(path);
      return workers.files((api) => api.readings(allowed));
    },
    remember: async (path, answers) => {
      const allowed = await guard.allow(path);
      return workers.files((api) => api.remember(allowed, answers));
    },
    convert: (options, signal?: AbortSignal) =>
      apart(parts, async (api) => {
        const [input, output] = [await guard.allow(options.input), await guard.allow(options.output)];
        return () => api.convert({ ...options, input, output }, ...withSignal(signal));
      }),
    simulate: (options, signal?: AbortSignal) =>
      apart(parts, async (api) => {
        const [input, output] = [await guard.allow(options.input), await guard.allow(options.output)];
        return () => api.simulate({ ...options, input, output }, ...withSignal(signal));
      }),
  };
}

function libraryApi({ topics, session, guard, workers, thumbnails }: EngineParts): EngineApi["library"] {
  const library = () => session().workspace.library;
  type Recordings = EngineApi["library"]["recordings"];
  type FacetQuery = Parameters<EngineApi["library"]["facets"]>[0];
  return {
    watch: (signal?: AbortSignal) => topics.library.watch(signal),
    recordings: padded(1, async (query?: Parameters<Recordings>[0]) => Promise.resolve(library().recordings(query ?? {}))),
    recording: async (id) => Promise.resolve(library().recording(id)),
    classes: async () => Promise.resolve(library().classes()),
    segments: async (id) => Promise.resolve(library().segments(id)),
    clips: async (query) => Promise.resolve(library().clips(query)),
    facets: padded(1, async (query?: FacetQuery) => Promise.resolve(library().facets(query ?? {}))),
    edit: async (edit) => Promise.resolve(library().edit(edit)),
    answer: async (id, answers) => {
      const { path } = library().recording(id);
      return workers.files(async (api) => {
        const before = (await api.readings(path)).answers;
        await api.remember(path, answers);
        try {
          const recording = await recordingFrom(await api.inspect(path, { digest: false }));
          return library().reread(id, { ...recording, segments: wholeClip(recording) });
        } catch (error) {
          await api.remember(path, before); // what cannot be read so is read as before
          throw error;
        }
      });
    },
    undo: async () => Promise.resolve(library().undo()),
    redo: async () => Promise.resolve(library().redo()),
    add: async function* (paths: readonly string[], signal?: AbortSignal) {
      const allowed = await Promise.all(paths.map((path) => guard.allow(path)));
      const worker = await workers.takeStream();
      try {
        yield* addRecordings(library(), allowed, (path) => worker.api.inspect(path, { digest: false }), signal);
      } catch (error) {
        throw await explain(error, worker, "file");
      } finally {
        workers.end(worker);
      }
    },
    thumbnail: padded(2, async (id: string, range: Parameters<EngineApi["library"]["thumbnail"]>[1]) =>
      thumbnails.thumbnail(library().recording(id).path, range),
    ),
    rate: async (id, columns) => thumbnails.rate(library().recording(id).path, columns),
    importLabels: async (id, csv) => Promise.resolve(library().importLabels(id, csv)),
    exportLabels: async (id) => Promise.resolve(library().exportLabels(id)),
  };
}

/** Why a folder is no data set: nothing that anybody has to be told of. */
const NO_DATA_SET: ReadonlySet<string> = new Set(["unknown-format", "empty"]);

function datasetsApi(parts: EngineParts): EngineApi["datasets"] {
  const { session, guard, workers, thumbnails } = parts;
  const datasets = () => session().datasets;
  return {
    list: () => datasets().list(),
    find: async (path) => {
      const allowed = await guard.allow(path);
      const found = await workers
        .files(async (api) => ({ ...(await api.findDataset(allowed, undefined)), known: (await api.catalog()).datasets }))
        .catch((error: unknown) => {
          if (NO_DATA_SET.has(toAppError(error).code)) return undefined;
          throw error;
        });
      if (found === undefined) return undefined;
      const { layout, kind, classes, samples, warnings, known } = found;
      const label = known.find(({ id }) => id === layout)?.label ?? layout;
      return { layout, label, kind, classes, samples: samples.length, warnings };
    },
    add: async (path, { name, layout }) =>
      datasets().add(await guard.allow(path), { name, ...(layout !== undefined && { layout }) }),
    remove: (name) => datasets().remove(name),
    show: async (name) => (await datasets().resolve(name)).info,
    export: padded(3, (name: string, folder: string, options?: DatasetExportOptions, signal?: AbortSignal) =>
      apart(parts, async (api) => {
        const [dataset, target] = [await datasets().resolve(name), await guard.allow(folder)];
        const { codecs } = await api.catalog();
        const convert = (wanted: ConvertOptions) => api.convert(wanted, ...withSignal(signal));
        return () => exportDataset(dataset, target, options ?? {}, { codecs, convert }, signal);
      }),
    ),
    samples: (query) => datasets().samples(query),
    thumbnail: async (name, id) => {
      const { sample, info } = await datasets().sample(name, id);
      if (info.kind === "events") return thumbnails.thumbnail(sample.path, sample.range, sample.answers);
      throw new AppError("bad-argument", `${name} holds pictures; they do not move`, { hint: "Ask for its picture." });
    },
    picture: async (name, id) => {
      const { sample, info } = await datasets().sample(name, id);
      if (info.kind === "images") return workers.files((api) => api.picture(sample.path, sample.index, PICTURE_SIDE));
      throw new AppError("bad-argument", `${name} holds recordings, not pictures`, { hint: "Ask for its thumbnail." });
    },
  };
}

function modelsApi(parts: EngineParts): EngineApi["models"] {
  const { topics, session, workers, settings } = parts;
  return {
    list: async () => Promise.resolve(session().models.list()),
    watch: (signal?: AbortSignal) => topics.models.watch(signal),
    show: (id) => session().models.get(id),
    remove: (id) => session().models.remove(id),
    report: (id) => session().models.report(id),
    evaluate: async (id, options, signal?: AbortSignal) => {
      const { models, datasets, runs } = session();
      const model = await models.get(id);
      const { dataset: name = model.spec.dataset.name, split = "test" } = options;
      const samples = samplesToEvaluate(model, await datasets.resolve(name), split);
      const running = runs.active ? workers.computeNow()?.backend : undefined;
      const backend = running ?? options.backend ?? settings.get().backend;
      const worker = await workers.compute(backend);
      try {
        const evaluation = await worker.api.evaluate(model.path, name, samples, backend, ...withSignal(signal));
        // What is kept with the model is its own exam, not every question it was ever asked.
        if (name === model.spec.dataset.name && split === "test" && !session().workspace.readOnly) {
          const alignment = (await models.report(id))?.alignment; // only a training has the pictures to measure it
          await models.saveReport(id, { ...evaluation, ...(alignment && { alignment }) });
        }
        return evaluation;
      } catch (error) {
        throw await explain(error, worker, "compute");
      }
    },
  };
}

function statusOf({ session, streams, settling, workers, backend }: EngineParts): () => Promise<SystemStatus> {
  return async () => {
    const { workspace, runs } = session();
    const { freeBytes } = await workspace.info();
    const [run, recording, used] = [runs.current(), streams.recording(), runs.backend() ?? backend];
    const rewriting = settling.status();
    return {
      memoryBytes: await memoryOf(workers.pids()),
      freeDiskBytes: freeBytes,
      ...(used !== undefined && { backend: used }),
      ...(run !== undefined && { run }),
      ...(recording !== undefined && { recording }),
      ...(rewriting !== undefined && { settling: rewriting }),
    };
  };
}

/** The engine as pages and commands see it. */
export function createApi(parts: EngineParts): EngineApi {
  const { host, workers, streams, devices, settings, topics, session, guard } = parts;
  return {
    about: async () =>
      Promise.resolve({
        version,
        host: host.kind,
        ...(host.reason !== undefined && { hostReason: host.reason }),
        node: process.version,
        platform: `${platform()} ${release()}`,
        cpu: cpus()[0]?.model.trim() ?? "",
      }),
    catalog: () => parts.catalog(),
    status: (signal?: AbortSignal) => statusFeed(() => statusOf(parts)(), signal),
    doctor: () =>
      examine({
        probe: () => workers.aside((api) => api.probe()),
        cameras: () => devices.list(),
        workspace: () => session().workspace.info(),
      }),
    workspace: {
      info: () => session().workspace.info(),
      watch: (signal?: AbortSignal) => topics.workspace.watch(signal),
      open: async (path) => parts.openWorkspace(await guard.allow(path)),
      openDemo: () => parts.openDemo(),
    },
    files: filesApi(parts),
    devices: {
      watch: (signal?: AbortSignal) => devices.watch(signal),
      list: () => devices.list(),
      accessPlan: (deviceId) => devices.accessPlan(deviceId),
      grantAccess: (deviceId, line) => devices.grantAccess(deviceId, line),
    },
    streams: {
      open: async (ref) =>
        streams.open(ref.kind === "recording" ? { kind: "recording", path: await guard.allow(ref.path) } : ref),
      close: (id) => streams.close(id),
      record: (id, options) => streams.record(id, options),
      recordTogether: padded(2, (ids: readonly string[], options?: { readonly name?: string }) =>
        streams.recordTogether(ids, options),
      ),
      stopRecording: padded(2, (id: string, label?: Parameters<EngineApi["streams"]["stopRecording"]>[1]) =>
        streams.stopRecording(id, label ?? {}),
      ),
    },
    library: libraryApi(parts),
    datasets: datasetsApi(parts),
    runs: {
      preview: (spec) => session().runs.preview(spec),
      estimate: (spec, signal?: AbortSignal) => session().runs.estimate(spec, signal),
      start: (spec) => session().runs.start(spec),
      resume: (id) => session().runs.resume(id),
      stop: (id) => session().runs.stop(id),
      remove: (id) => session().runs.remove(id),
      list: async () => Promise.resolve(session().runs.list()),
      watchList: (signal?: AbortSignal) => topics.runs.watch(signal),
      watch: padded(2, (id: string, from?: number, signal?: AbortSignal) => session().runs.watch(id, from ?? 0, signal)),
    },
    models: modelsApi(parts),
    inference: {
      start: padded(
        3,
        (streamId: string, modelId: string, options?: Parameters<EngineApi["inference"]["start"]>[2], signal?: AbortSignal) =>
          classify(
            {
              workers,
              streams,
              models: session().models,
              backend: settings.get().backend,
              onBackend: (backend) => (parts.backend = backend),
            },
            streamId,
            modelId,
            options,
            signal,
          ),
      ),
    },
    settings: {
      get: async () => Promise.resolve(settings.get()),
      set: (patch) => settings.set(patch),
      watch: (signal?: AbortSignal) => settings.topic.watch(signal),
    },
  };
}
