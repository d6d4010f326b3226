import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { RecordingResult, StreamStatus } from "#shared/api/stream-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import { hostTimeUs } from "#main/lib/host-time.ts";
import type { RawParams } from "#shared/units/params.ts";
import { command, UsageError, type Context, type StreamWorker } from "../command.ts";
import { formatBytes, formatCount, parsePair } from "../values.ts";
import { cameraRef, pickCamera } from "./cameras.ts";

/** One camera with a worker of its own, and where it is recorded to. */
interface Recorded {
  readonly camera: DeviceInfo;
  readonly worker: StreamWorker;
  /** As the user named it, for messages. */
  readonly file: string;
}

interface Ended extends Recorded {
  readonly result: RecordingResult;
  readonly failure: StreamStatus["error"];
}

/** Waits for the time to be up, for Ctrl-C, or for the camera or the recording to fail. A camera that is unplugged may come back. */
async function watch(
  { worker, file }: Recorded,
  { out }: Context,
  until: AbortSignal,
  seconds: number | undefined,
  alone: boolean,
): Promise<StreamStatus["error"]> {
  let away: StreamStatus["error"];
  try {
    for await (const { recording, dropped, error, awaiting } of worker.stream.status(until)) {
      if (awaiting === "recording") {
        if (away === undefined && error !== undefined) out.note(`${file}: ${error.message}. ${error.hint ?? ""}`);
        away = error;
        continue;
      }
      if (error !== undefined || recording === undefined) return error;
      if (away !== undefined) out.note(`${file}: the camera is back, recording goes on in ${basename(recording.path)}`);
      away = undefined;
      if (!alone) continue;
      const lost = dropped > 0 ? `, ${formatCount(dropped)} lost` : "";
      const fraction = seconds === undefined ? undefined : recording.seconds / seconds;
      out.progress(
        fraction,
        `${recording.seconds.toFixed(1)} s, ${formatCount(recording.events)} events, ${formatBytes(recording.bytes)}${lost}`,
      );
    }
  } catch (error) {
    if (!until.aborted || toErrorData(error).code !== "aborted") throw error;
  }
  return away;
}

/** A take that holds a camera's bytes gets its final format; Ctrl-C has ended the recording, not this. */
async function settled({ out }: Context, worker: StreamWorker, result: RecordingResult): Promise<RecordingResult> {
  if (result.becomes === undefined) return result;
  try {
    for await (const step of worker.settling(result.path)) {
      if (step.kind === "progress") out.progress(step.fraction, `writing ${basename(result.path)} as ${result.becomes}`);
      else return { ...result, path: step.path, bytes: step.bytes };
    }
  } catch (error) {
    out.note(`${result.path} is kept as the camera sent it: ${toErrorData(error).message}. Convert it at any time.`);
  }
  return result;
}

/** Its takes in the order of their times, each in its final format. */
async function finish(context: Context, recorded: Recorded): Promise<RecordingResult> {
  const { earlier = [], ...last } = await recorded.worker.stream.stopRecording();
  const before: RecordingResult[] = [];
  for (const take of earlier) before.push(await settled(context, recorded.worker, take));
  const result = await settled(context, recorded.worker, last);
  return before.length === 0 ? result : { ...result, earlier: before };
}

function dataOf({
  path,
  events,
  bytes,
  seconds,
  dropped,
  peakBacklogBytes,
  uncountedBytes,
  clock,
  earlier,
}: RecordingResult): object {
  return {
    ...{ events, bytes, seconds, dropped, peakBacklogBytes, path },
    ...(uncountedBytes === undefined ? {} : { uncountedBytes }),
    ...(clock === undefined ? {} : { clock }),
    ...(earlier === undefined ? {} : { earlier: earlier.map(dataOf) }),
  };
}

function textOf({ path, events, bytes, seconds, dropped, uncountedBytes, clock }: RecordingResult, file: string): string {
  // A camera whose format is made from events ends under the extension of that format.
  const kept = path === resolve(file) ? file : path;
  const count = uncountedBytes === undefined ? formatCount(events) : `more than ${formatCount(events)}`;
  const time =
    clock === undefined
      ? ""
      : `; its clock runs at ${clock.driftPpm.toFixed(1)} ppm of this machine's, known to ${clock.jitterUs} µs`;
  return `${kept}: ${count} events, ${formatBytes(bytes)}, ${seconds.toFixed(2)} s, ${formatCount(dropped)} lost${time}`;
}

const nameOf = ({ driver, id, serial, virtual }: DeviceInfo): string =>
  (virtual || serial === "" ? id : `${driver}-${serial}`).replaceAll(/[^\w.-]+/g, "-");

/** Opens the cameras one after the other: whoever opens one looks at all. */
async function openAll(
  context: Context,
  wanted: readonly string[],
  out: string,
  params: RawParams,
): Promise<readonly Recorded[]> {
  const { signal } = context;
  const first = await context.worker();
  const devices = await first.devices(signal);
  const cameras = wanted.map((name) => pickCamera(devices, name));
  const twin = cameras.find((camera, i) => !camera.virtual && cameras.indexOf(camera) !== i);
  if (twin !== undefined) throw new UsageError(`The camera ${twin.id} is named twice`);
  if (cameras.length > 1) await mkdir(resolve(out), { recursive: true });
  const recorded: Recorded[] = [];
  for (const [i, camera] of cameras.entries()) {
    const worker = i === 0 ? first : await context.anotherWorker();
    const again = cameras.slice(0, i).filter((other) => other.id === camera.id).length;
    const name = `${nameOf(camera)}${again === 0 ? "" : `-${again + 1}`}.raw`;
    await worker.open(cameraRef(camera, params), signal);
    recorded.push({ camera, worker, file: cameras.length === 1 ? out : join(out, name) });
  }
  return recorded;
}

export const record = command({
  path: ["record"],
  summary: "Records a camera into a file, or several cameras at once into a folder.",
  details: [
    "Without --seconds it records until Ctrl-C, which closes the file properly.",
    "A camera that is unplugged is waited for: when it is plugged in again, recording goes on in a new file beside the first one.",
    "Several cameras begin together; how the clock of each runs against this machine's is measured and kept beside each file (NAME.json, clock). saccade convert --common-time brings them to one time.",
  ],
  positionals: [
    { name: "CAMERA", summary: "Id, driver or serial number; saccade cameras lists them" },
    {
      name: "OUT",
      summary: "More cameras, and last the file to write, which must not exist; for several cameras a folder",
      many: true,
    },
  ],
  options: {
    seconds: { param: { type: "number", default: 0, min: 0.001, unit: "s", label: "How long" }, value: "S", optional: true },
    set: {
      param: { type: "text", default: "", label: "Bias or other parameter of the camera" },
      value: "NAME=VALUE",
      many: true,
    },
  },
  output:
    "{events, bytes, seconds, dropped, peakBacklogBytes, path, clock?, earlier?}; of several cameras {together, takes: [{camera, …}]}",
  run: async (context, words, { seconds, set }) => {
    const { out, signal } = context;
    const params = Object.fromEntries(set.map((text) => parsePair(text, "--set")));
    const all = await openAll(context, words.slice(0, -1), words.at(-1) ?? "", params);
    const together = all.length === 1 ? {} : { together: { id: randomBytes(6).toString("hex"), hostUs: hostTimeUs() } };
    await Promise.all(all.map(({ worker, file }) => worker.stream.record({ path: resolve(file), ...together }, signal)));
    const over = new AbortController();
    const timer = seconds === undefined ? undefined : setTimeout(() => over.abort(), seconds * 1000);
    const until = AbortSignal.any([signal, over.signal]);
    const ended: Ended[] = [];
    try {
      const failures = await Promise.all(all.map((one) => watch(one, context, until, seconds, all.length === 1)));
      for (const [i, one] of all.entries()) ended.push({ ...one, failure: failures[i], result: await finish(context, one) });
    } finally {
      clearTimeout(timer);
    }
    const failed = ended.find(({ failure }) => failure !== undefined);
    if (failed?.failure !== undefined && all.length === 1) {
      const { failure, result, file } = failed;
      const kept = result.path === resolve(file) ? file : result.path;
      const hint = `${formatCount(result.events)} events are kept in ${kept}.`;
      throw new AppError(toErrorData(failure).code, failure.message, { hint: [failure.hint, hint].filter(Boolean).join(" ") });
    }
    const takes = ended.map(({ camera, result }) => ({ camera: camera.id, ...dataOf(result) }));
    await out.data(all.length === 1 && ended[0] !== undefined ? dataOf(ended[0].result) : { ...together, takes });
    for (const { result, file } of ended) {
      for (const take of result.earlier ?? []) await out.text(textOf(take, file));
      await out.text(textOf(result, file));
    }
    if (failed?.failure !== undefined)
      throw new AppError(toErrorData(failed.failure).code, failed.failure.message, { hint: "What came until then is kept." });
    if (signal.aborted) out.note("interrupted; the recording is complete up to here");
  },
});
