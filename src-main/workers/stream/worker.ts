import { AppError } from "#shared/api/errors.ts";
import type { StreamApi, StreamRef, StreamWorkerApi } from "#shared/api/stream-api.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { RawParams } from "#shared/units/params.ts";
import { describeUnit, type CodecDescriptor } from "#shared/units/unit.ts";
import { copyPacket } from "#shared/events/packet.ts";
import { checkAnswers, rememberAnswers, rememberedAnswers } from "#main/units/codecs/answers.ts";
import type { Codec } from "#main/units/codecs/codec.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { readingParams, type Answers } from "#main/units/codecs/reading.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { findDataset } from "#main/units/datasets/detect.ts";
import { datasets } from "#main/units/datasets/index.ts";
import { drivers } from "#main/units/drivers/index.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { filters } from "#main/units/filters/index.ts";
import { representations } from "#main/units/representations/index.ts";
import { openCameraStream } from "./camera-stream.ts";
import { convertRecording } from "./convert.ts";
import { findDevice, listDevices } from "./devices.ts";
import { inspectRecording } from "./inspect.ts";
import { signalOf, type OpenStream } from "./open-stream.ts";
import { readPicture } from "./picture.ts";
import { rateStrip } from "./rates.ts";
import { openRecordingStream } from "./recording-stream.ts";
import { settledPath, settleTake } from "./settle.ts";
import { simulateRecording } from "./simulate.ts";
import { makeThumbnail } from "./thumbnail.ts";

/** What the engine gets: everything the worker can do, with its one stream under `stream`. Pages get the stream alone. */
export type StreamWorker = StreamWorkerApi & { readonly stream: StreamApi };

export interface RunningWorker {
  readonly api: StreamWorker;
  /** Closes the stream: recordings are written to the end. */
  close(): Promise<void>;
}

const answersFor = (path: string, raw: RawParams | undefined): { readonly answers?: Answers } =>
  raw === undefined ? {} : { answers: checkAnswers(raw, path) };

const describeCodec = (codec: Codec): CodecDescriptor => ({
  ...describeUnit(codec),
  extensions: codec.extensions,
  writes: codec.create !== undefined,
  holds: codec.holds ?? [],
});

/** The work of a stream worker, without any carrier. */
export function createStreamWorker(options: { readonly cacheDir: string | undefined }): RunningWorker {
  const { cacheDir } = options;
  let open: OpenStream | undefined;
  let opening = false;

  const stream = (): OpenStream => {
    if (open === undefined)
      throw new AppError("closed", "No stream is open here", { hint: "Open a recording or a camera first." });
    return open;
  };
  const openStream = async (ref: StreamRef): Promise<StreamInfo> => {
    if (opening || open !== undefined) {
      throw new AppError("busy", "This worker has a stream already", { hint: "Every stream has a worker of its own." });
    }
    opening = true;
    try {
      if (ref.kind === "recording")
        open = await openRecordingStream(ref.path, { cacheDir, ...(ref.range === undefined ? {} : { range: ref.range }) });
      else {
        const { driver, device } = await findDevice(ref.deviceId);
        open = await openCameraStream(driver, device, ref.params ?? {});
      }
      return await open.info();
    } finally {
      opening = false;
    }
  };

  // Serving code passes a signal as an extra last argument, which these hand on. Each looks up the stream when it is called.
  const facade: StreamApi = {
    info: async () => stream().info(),
    play: async (...args) => stream().play(...args),
    pause: async () => stream().pause(),
    seek: async (t) => stream().seek(t),
    step: async (slices, windowUs) => stream().step(slices, windowUs),
    setSpeed: async (speed) => stream().setSpeed(speed),
    setReverse: async (reverse) => stream().setReverse(reverse),
    setLoop: async (range) => stream().setLoop(range),
    setFilters: async (refs) => stream().setFilters(refs),
    configure: async (params) => stream().configure(params),
    view: (...args) => stream().view(...args),
    status: (...args) => stream().status(...args),
    rate: async (...args) => stream().rate(...args),
    readings: async () => stream().readings(),
    record: async (wanted) => stream().record(wanted),
    stopRecording: async () => stream().stopRecording(),
    classify: (...args) => stream().classify(...args),
  };

  const api: StreamWorker = {
    catalog: () =>
      Promise.resolve({
        encodings: encodings.map(describeUnit),
        codecs: codecs.map(describeCodec),
        drivers: drivers.map(describeUnit),
        filters: filters.map(describeUnit),
        representations: representations.map(describeUnit),
        datasets: datasets.map(describeUnit),
      }),
    open: openStream,
    inspect: (path, { digest, answers }, signal?: AbortSignal) =>
      inspectRecording(path, { digest, signal: signalOf(signal), ...answersFor(path, answers) }),
    readings: async (path) => ({ params: readingParams, answers: await rememberedAnswers(path) }),
    remember: rememberAnswers,
    rate: (path, columns, signal?: AbortSignal) => rateStrip(path, columns, cacheDir, signal),
    thumbnail: (path, range, size, signal?: AbortSignal) => makeThumbnail(path, range, size, cacheDir, signal),
    picture: (path, index, maxSide) => readPicture(path, index, maxSide),
    findDataset: (path, layout, signal?: AbortSignal) => findDataset(path, layout, signal),
    convert: (wanted, signal?: AbortSignal) => convertRecording(wanted, signalOf(signal)),
    settle: settledPath,
    settling: (path, signal?: AbortSignal) => settleTake(path, signalOf(signal)),
    events: async function* (path, { asStored = false, answers, ...range }, signal?: AbortSignal) {
      const { recording } = await openRecording(path, { asStored, ...answersFor(path, answers) });
      try {
        const options = signal === undefined ? range : { ...range, signal };
        for await (const packet of recording.read(options)) yield copyPacket(packet);
      } finally {
        await recording.close();
      }
    },
    simulate: (wanted, signal?: AbortSignal) => simulateRecording(wanted, signalOf(signal)),
    devices: listDevices,
    benchDecode: async () => (await import("#main/units/codecs/bench.ts")).benchDecode(), // its material is only made for this
    benchRecord: async function* (wanted, signal?: AbortSignal) {
      yield* (await import("./record-bench.ts")).benchRecord(wanted, signalOf(signal)); // emulators are only loaded for this
    },
    stream: facade,
  };

  return {
    api,
    close: async () => {
      const closing = open;
      open = undefined;
      await closing?.close();
    },
  };
}
