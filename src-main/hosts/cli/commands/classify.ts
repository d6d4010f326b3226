import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ClassifySettings } from "#shared/api/engine-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import type { Remote } from "#shared/channel/channel.ts";
import { command } from "../command.ts";
import { parseTime } from "../values.ts";
import { cameraRef, findCamera } from "./cameras.ts";
import { percent } from "./table.ts";

export const classify = command({
  path: ["classify"],
  summary: "Runs a model over a recording, or over a camera until Ctrl-C, and prints its answers.",
  positionals: [
    { name: "MODEL", summary: "Id of a model; saccade models lists them" },
    { name: "FILE|CAMERA", summary: "A recording, or the id of a camera" },
  ],
  options: {
    window: {
      param: { type: "text", default: "", label: "Span of a window (default: that of the clips it learned from)" },
      value: "TIME",
      optional: true,
    },
    stride: {
      param: { type: "text", default: "", label: "Time between windows (default: a quarter of the window)" },
      value: "TIME",
      optional: true,
    },
  },
  output: "one per line: {t, label, scores, waitMs, computeMs}",
  run: async ({ out, signal, engine }, [model = "", input = ""], given) => {
    const api = await engine();
    const file = existsSync(input);
    const ref = file ? ({ kind: "recording", path: resolve(input) } as const) : cameraRef(await findCamera(api, input));
    const stream = await api.streams.open(ref);
    const { range } = stream.info;
    const settings: ClassifySettings = {
      ...(given.window === undefined ? {} : { windowUs: parseTime(given.window, "--window") }),
      ...(given.stride === undefined ? {} : { strideUs: parseTime(given.stride, "--stride") }),
      ...(file && range !== undefined ? { offline: range } : {}),
    };
    // In one process the engine takes the signal as its extra last argument, as it does over a channel.
    const inference = api.inference as Remote<typeof api.inference>;
    try {
      for await (const { t, label, scores, waitMs, computeMs } of inference.start(stream.id, model, settings, signal)) {
        await out.data({ t, label, scores, waitMs, computeMs });
        await out.text(`${t} µs  ${label.padEnd(16)} ${percent(Math.max(...scores)).padStart(8)}  ${computeMs.toFixed(1)} ms`);
      }
    } catch (error) {
      if (!signal.aborted || toErrorData(error).code !== "aborted") throw error;
    } finally {
      await api.streams.close(stream.id);
    }
  },
});
