import { resolve } from "node:path";
import type { RecordingResult, StreamStatus } from "#shared/api/stream-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import { command, type Context, type StreamWorker } from "../command.ts";
import { formatBytes, formatCount, parsePair } from "../values.ts";
import { cameraRef, pickCamera } from "./cameras.ts";

/** Waits for the time to be up, for Ctrl-C, or for the camera or the recording to fail. */
async function watch(
  { out, signal }: Context,
  worker: StreamWorker,
  seconds: number | undefined,
): Promise<StreamStatus["error"]> {
  const over = new AbortController();
  const timer = seconds === undefined ? undefined : setTimeout(() => over.abort(), seconds * 1000);
  const until = AbortSignal.any([signal, over.signal]);
  try {
    for await (const status of worker.stream.status(until)) {
      const { recording, dropped, error } = status;
      if (error !== undefined || recording === undefined) return error;
      const lost = dropped > 0 ? `, ${formatCount(dropped)} lost` : "";
      const fraction = seconds === undefined ? undefined : recording.seconds / seconds;
      out.progress(
        fraction,
        `${recording.seconds.toFixed(1)} s, ${formatCount(recording.events)} events, ${formatBytes(recording.bytes)}${lost}`,
      );
    }
  } catch (error) {
    if (!until.aborted || toErrorData(error).code !== "aborted") throw error;
  } finally {
    clearTimeout(timer);
  }
  return undefined;
}

export const record = command({
  path: ["record"],
  summary: "Records a camera into a file.",
  details: ["Without --seconds it records until Ctrl-C, which closes the file properly."],
  positionals: [
    { name: "CAMERA", summary: "Id, driver or serial number; saccade cameras lists them" },
    { name: "OUT", summary: "The file to write; it must not exist" },
  ],
  options: {
    seconds: { param: { type: "number", default: 0, min: 0.001, unit: "s", label: "How long" }, value: "S", optional: true },
    set: {
      param: { type: "text", default: "", label: "Bias or other parameter of the camera" },
      value: "NAME=VALUE",
      many: true,
    },
  },
  output: "{events, bytes, seconds, dropped, peakBacklogBytes}",
  run: async (context, [wanted = "", file = ""], { seconds, set }) => {
    const { out, signal } = context;
    const worker = await context.worker();
    const camera = pickCamera(await worker.devices(signal), wanted);
    await worker.open(cameraRef(camera, Object.fromEntries(set.map((text) => parsePair(text, "--set")))), signal);
    await worker.stream.record({ path: resolve(file) }, signal);
    const failure = await watch(context, worker, seconds);
    const result: RecordingResult = await worker.stream.stopRecording();
    const { events, bytes, seconds: length, dropped, peakBacklogBytes } = result;
    // A camera whose format is made from events ends under the extension of that format.
    const kept = result.path === resolve(file) ? file : result.path;
    if (failure !== undefined) {
      const hint = `${formatCount(events)} events are kept in ${kept}.`;
      throw new AppError(toErrorData(failure).code, failure.message, { hint: [failure.hint, hint].filter(Boolean).join(" ") });
    }
    await out.data({ events, bytes, seconds: length, dropped, peakBacklogBytes });
    await out.text(
      `${kept}: ${formatCount(events)} events, ${formatBytes(bytes)}, ${length.toFixed(2)} s, ${formatCount(dropped)} lost`,
    );
    if (signal.aborted) out.note("interrupted; the recording is complete up to here");
  },
});
