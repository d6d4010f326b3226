import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ConvertOptions } from "#shared/api/stream-api.ts";
import type { UnitRef } from "#shared/units/unit.ts";
import { command, UsageError } from "../command.ts";
import { formatBytes, formatCount, parseAnswers, parseRange, parseUnit, readOption } from "../values.ts";

/** `X,Y,W,H` as the filter that cuts it out. */
export function roiFilter(text: string): UnitRef {
  const numbers = text.split(",").map(Number);
  const [x = NaN, y = NaN, width = NaN, height = NaN] = numbers;
  const whole = numbers.length === 4 && numbers.every((value) => Number.isInteger(value) && value >= 0);
  if (!whole || width === 0 || height === 0)
    throw new UsageError(`--roi is "${text}", expected X,Y,W,H in pixels, for example 0,0,64,48`);
  return { id: "roi", params: { x, y, width, height } };
}

/** Nothing is lost by accident: a file with something in it is only replaced when that is asked for. */
async function refuseToReplace(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined); // whatever is wrong with the path, writing will say
  if (found === undefined || (found.isFile() && found.size === 0)) return;
  throw new AppError("exists", `${path} exists already`, { hint: "Choose another name, or add --overwrite." });
}

export const convert = command({
  path: ["convert"],
  summary: "Rewrites a recording in another format, whole or in part.",
  details: [
    "Filters are applied in the order in which they are given; --roi comes first. saccade units filters lists them with their parameters.",
  ],
  positionals: [
    { name: "IN", summary: "A recording of any supported format" },
    { name: "OUT", summary: "The file to write" },
  ],
  options: {
    codec: {
      param: { type: "text", default: "", label: "Format to write (default: by the extension of OUT)" },
      value: "ID",
      optional: true,
    },
    from: { param: { type: "text", default: "", label: "First time" }, value: "TIME", optional: true },
    to: { param: { type: "text", default: "", label: "Time to stop before" }, value: "TIME", optional: true },
    roi: { param: { type: "text", default: "", label: "Part of the sensor in pixels" }, value: "X,Y,W,H", optional: true },
    filter: {
      param: { type: "text", default: "", label: "Filter with its parameters, name=value" },
      value: "ID:PARAMS",
      many: true,
    },
    sort: { param: { type: "boolean", default: false, label: "Put events into the order of their times" } },
    "from-zero": { param: { type: "boolean", default: false, label: "Let times begin at zero" } },
    "common-time": {
      param: { type: "boolean", default: false, label: "Bring recordings that were begun together to one time" },
    },
    read: readOption,
    "dry-run": { param: { type: "boolean", default: false, label: "Only tell what would be written" } },
    overwrite: { param: { type: "boolean", default: false, label: "Replace OUT when it exists" } },
  },
  output: "{events, bytes, dropped, seconds, notKept}; with --dry-run also exact",
  run: async ({ out, signal, worker }, [input = "", output = ""], given) => {
    const filters = given.filter.map((text) => parseUnit(text, "--filter"));
    if (given.roi !== undefined) filters.unshift(roiFilter(given.roi));
    const range = parseRange(given.from, given.to);
    if (given["from-zero"] && given["common-time"])
      throw new UsageError("--from-zero and --common-time are two different beginnings of time");
    if (resolve(input) === resolve(output)) throw new UsageError("IN and OUT are the same file");
    if (!given.overwrite && !given["dry-run"]) await refuseToReplace(output);
    const options: ConvertOptions = {
      input,
      output,
      range,
      filters,
      sort: given.sort,
      fromZero: given["from-zero"],
      commonTime: given["common-time"],
      dryRun: given["dry-run"],
      ...parseAnswers(given.read),
      ...(given.codec === undefined ? {} : { codec: given.codec }),
    };
    for await (const step of (await worker()).convert(options, signal)) {
      if (step.kind === "progress") {
        out.progress(step.fraction, `${formatCount(step.events)} events`);
        continue;
      }
      const { events, bytes, dropped, seconds, notKept, exact } = step;
      await out.data({ events, bytes, dropped, seconds, notKept, ...(given["dry-run"] ? { exact } : {}) });
      const about = given["dry-run"] ? `would hold ${exact ? "" : "about "}` : "";
      const lines = [
        `${output}: ${about}${formatCount(events)} events, ${formatBytes(bytes)}, ${formatCount(dropped)} left out, ${seconds.toFixed(2)} s`,
        ...Object.entries(notKept).map(([kind, count]) => `  ${formatCount(count)} ${kind} do not fit into this format`),
      ];
      await out.text(lines.join("\n"));
    }
    signal.throwIfAborted();
  },
});
