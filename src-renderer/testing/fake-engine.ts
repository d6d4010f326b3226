import type { EngineApi, Settings, StreamHandle, SystemStatus, WorkspaceInfo } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import { connect, serve } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import type { Client } from "#renderer/client.ts";
import { FakeLibrary } from "./fake-library.ts";
import { FakeStream } from "./fake-stream.ts";

/** Yields once and then waits for the end. */
async function* once<T>(value: T, signal: AbortSignal | undefined): AsyncGenerator<T> {
  yield value;
  await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}
const signalIn = (args: readonly unknown[]): AbortSignal | undefined => args.find((one) => one instanceof AbortSignal);
const never = (what: string) => (): never => {
  throw new AppError("unsupported", `${what} is not part of the test double`);
};

/** An engine in the page, for tests and for looking at pages while there is no host. Never part of a build. */
export class FakeEngine {
  readonly library = new FakeLibrary();
  readonly streams = new Map<string, FakeStream>();
  settings: Settings = {
    version: 1,
    theme: "dark",
    palette: "amber-blue",
    backend: "auto",
    singleKeys: true,
    reducedMotion: false,
    tourStep: 0,
    ui: {},
  };
  readonly workspace: WorkspaceInfo = {
    path: "/tmp/fake",
    name: "Drawn for tests",
    demo: true,
    freeBytes: 4.12e11,
    readOnly: false,
    notices: [],
  };
  readonly devices: readonly DeviceInfo[] = [
    {
      id: "virtual:hands",
      driver: "virtual",
      label: "Drawn hands",
      serial: "0001",
      sensor: { width: 346, height: 260 },
      state: "ready",
      virtual: true,
    },
  ];
  #next = 1;
  #recording: { started: number; name: string } | undefined;

  readonly api: EngineApi = {
    about: () => Promise.resolve({ version: "0.0.0", host: "test", node: "-", platform: "-", cpu: "-" }),
    catalog: () =>
      Promise.resolve({
        encodings: [],
        codecs: [],
        drivers: [
          {
            id: "virtual",
            label: "Virtual camera",
            summary: "Draws events.",
            params: {
              show: { type: "choice", default: "in turn", options: ["in turn", "rock", "paper"], label: "Shows" },
              noiseHz: { type: "number", default: 0.1, min: 0, max: 10, unit: "Hz", label: "Noise per pixel" },
              unplugAfterS: { type: "number", default: 0, min: 0, max: 60, unit: "s", label: "Unplug after" },
            },
          },
        ],
        filters: [],
        representations: [],
        datasets: [],
        neurons: [],
        surrogates: [],
        models: [],
        transfers: [],
        augmentations: [],
        backends: [],
      }),
    status: (...args: unknown[]) => this.#status(signalIn(args)),
    doctor: never("doctor"),
    workspace: {
      info: () => Promise.resolve(this.workspace),
      watch: (...args: unknown[]) => once(this.workspace, signalIn(args)),
      open: () => Promise.resolve(this.workspace),
      openDemo: () => Promise.resolve(this.workspace),
    },
    files: {
      browse: never("browse"),
      readings: never("readings"),
      remember: never("remember"),
      inspect: never("inspect"),
      convert: never("convert"),
      simulate: never("simulate"),
    },
    devices: {
      watch: (...args: unknown[]) => once(this.devices, signalIn(args)),
      list: () => Promise.resolve(this.devices),
      accessPlan: never("devices.accessPlan"),
      grantAccess: never("devices.grantAccess"),
    },
    streams: {
      open: (ref) => {
        const recording =
          ref.kind === "recording" ? this.library.state.recordings.find((one) => one.path === ref.path) : undefined;
        if (ref.kind === "recording" && recording === undefined) {
          return Promise.reject(new AppError("not-found", `${ref.path} is not there`, { hint: "Add it again." }));
        }
        const info = recording
          ? { sensor: recording.sensor, range: recording.range, label: recording.name }
          : { sensor: { width: 346, height: 260 }, label: "Drawn hands" };
        const id = `stream-${this.#next++}`;
        this.streams.set(id, new FakeStream(info, recording ? Number(recording.id.slice(1)) : 2));
        return Promise.resolve({ id, info, endpoint: id });
      },
      close: (id) => {
        this.streams.delete(id);
        return Promise.resolve();
      },
      record: (_id, { name = "take" }) => {
        if (this.#recording) return Promise.reject(new AppError("busy", "A recording is being written already"));
        this.#recording = { started: performance.now(), name };
        return Promise.resolve();
      },
      recordTogether: (ids, options = {}) => this.api.streams.record(ids[0] ?? "", options),
      stopRecording: (_id, label) => {
        if (!this.#recording) return Promise.reject(new AppError("bad-argument", "Nothing is being recorded"));
        const span = Math.round((performance.now() - this.#recording.started) * 1000);
        this.#recording = undefined;
        const number = this.#next++;
        const recording = {
          id: `r${number + 100}`,
          name: `take-${number}`,
          path: `/tmp/take-${number}.raw`,
          codec: "prophesee-raw",
          sensor: { width: 346, height: 260 },
          range: { start: 0, end: span },
          events: 1000,
          on: 500,
          bytes: 8000,
          addedAt: Date.now(),
          metadata: {},
          generated: true,
          missing: false,
        };
        this.library.state.recordings.unshift(recording);
        const { created } = this.library.edit({
          kind: "add-segment",
          segment: { recordingId: recording.id, start: 0, end: span, state: "labelled", ...label },
        });
        const segment = this.library.state.segments.find((one) => one.id === created[0]);
        return Promise.resolve(segment === undefined ? { recording } : { recording, segment });
      },
    },
    library: this.library.api,
    datasets: {
      list: () => Promise.resolve([]),
      find: never("datasets.find"),
      add: never("datasets.add"),
      remove: never("datasets.remove"),
      show: never("datasets.show"),
      samples: never("datasets.samples"),
      thumbnail: never("datasets.thumbnail"),
      picture: never("datasets.picture"),
      export: never("datasets.export"),
    },
    runs: {
      preview: never("runs.preview"),
      estimate: never("runs.estimate"),
      start: never("runs.start"),
      resume: never("runs.resume"),
      stop: never("runs.stop"),
      remove: never("runs.remove"),
      list: () => Promise.resolve([]),
      watchList: (...args: unknown[]) => once([], signalIn(args)),
      watch: never("runs.watch"),
    },
    models: {
      list: () => Promise.resolve([]),
      watch: (...args: unknown[]) => once([], signalIn(args)),
      show: never("models.show"),
      remove: never("models.remove"),
      evaluate: never("models.evaluate"),
      report: never("models.report"),
    },
    inference: { start: never("inference.start") },
    settings: {
      get: () => Promise.resolve(this.settings),
      set: (patch) => {
        this.settings = { ...this.settings, ...patch };
        return Promise.resolve(this.settings);
      },
      watch: (...args: unknown[]) => once(this.settings, signalIn(args)),
    },
  };

  async *#status(signal: AbortSignal | undefined): AsyncGenerator<SystemStatus> {
    while (signal?.aborted !== true) {
      yield { memoryBytes: 412e6, freeDiskBytes: 4.12e11 };
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** A client that talks to this engine over the real channel. */
  client(): Client {
    return {
      openEngine: () => {
        const [here, there] = portPair();
        serve(there, this.api);
        return Promise.resolve({ api: connect<EngineApi>(here), onClose: (handler) => here.onClose(handler) });
      },
      openStream: (handle: StreamHandle) => {
        const stream = this.streams.get(handle.endpoint);
        if (stream === undefined) return Promise.reject(new AppError("not-found", "That stream is closed"));
        const [here, there] = portPair();
        serve(there, stream);
        return Promise.resolve({ api: connect(here), onClose: (handler) => here.onClose(handler), close: () => here.close() });
      },
      importFile: (file) => Promise.resolve(`/tmp/${file.name}`),
      choose: undefined,
      onOpen: () => undefined,
    };
  }
}
