import { cpus } from "node:os";
import { resolve } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { command } from "../command.ts";
import { formatBytes, formatCount } from "../values.ts";

const mega = (value: number): string => (value / 1e6).toFixed(1);

export const benchRecord = command({
  path: ["bench", "record"],
  summary: "Measures recording: an emulated EVK4 sends made events, and the file is compared with what was sent.",
  details: [
    "The source is virtual: driver, ring, decoder and recorder are the real ones, the camera and the USB are emulated in the same process. It says nothing about a real connection.",
    "CPU time includes the making of the events. The file is taken away afterwards.",
  ],
  positionals: [],
  options: {
    rate: {
      param: { type: "number", default: 50, min: 0.01, max: 400, unit: "million events/s", label: "Events per second" },
      value: "MEV",
    },
    seconds: { param: { type: "number", default: 60, min: 0.1, max: 3600, unit: "s", label: "How long" }, value: "S" },
    folder: {
      param: { type: "text", default: "", label: "Where the file lies meanwhile (default: the temporary folder)" },
      value: "FOLDER",
      optional: true,
    },
  },
  output:
    "{source, seconds, events, bytes, eventsPerSecond, bytesPerSecond, lostBytes, dropped, peakBacklogBytes, peakDecodeBacklogBytes, skippedBytes, cpuSeconds, peakRssBytes, complete, digest, expected, cpu}",
  run: async ({ out, signal, worker }, _args, { rate, seconds, folder }) => {
    const api = await worker();
    const wanted = { seconds, rateMev: rate, ...(folder === undefined ? {} : { folder: resolve(folder) }) };
    const cpu = cpus()[0]?.model ?? "unknown";
    for await (const step of api.benchRecord(wanted, signal)) {
      if (step.kind === "progress") {
        out.progress(step.seconds / seconds, `${formatBytes(step.bytes)} of an emulated EVK4 (virtual source)`);
        continue;
      }
      const { kind: _, ...figures } = step;
      await out.data({ ...figures, cpu });
      const lost = `lost in the camera ${formatBytes(step.lostBytes)}, behind it ${formatCount(step.dropped)} transfers`;
      await out.text(
        [
          `${step.source}: ${formatCount(step.events)} events, ${formatBytes(step.bytes)} in ${step.seconds.toFixed(1)} s on ${cpu}`,
          `achieved ${mega(step.eventsPerSecond)} million events/s, ${mega(step.bytesPerSecond)} MB/s to disk`,
          `${lost}; recorded and not decoded ${formatBytes(step.skippedBytes)}`,
          `waiting at most: ${formatBytes(step.peakBacklogBytes)} for the disk, ${formatBytes(step.peakDecodeBacklogBytes)} for the decoder`,
          `${step.cpuSeconds.toFixed(1)} s of CPU (${(step.cpuSeconds / step.seconds).toFixed(2)} cores, making the events included), ${formatBytes(step.peakRssBytes)} resident at most`,
          `SHA-256 of the file's events ${step.digest.slice(0, 16)}…, of what was sent ${step.expected.slice(0, 16)}…: ${step.complete ? "equal" : "NOT EQUAL"}`,
        ].join("\n"),
      );
      if (!step.complete)
        throw new AppError("damaged", "The file does not hold what the emulated camera sent", {
          hint: "Report this with the figures above: it is a fault of the recorder.",
        });
    }
  },
});
