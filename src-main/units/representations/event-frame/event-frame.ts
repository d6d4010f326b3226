import type { ParamSpec } from "#shared/units/params.ts";
import { denseAccumulator, denseParams, type Selection } from "../dense-accumulator.ts";
import type { Representation } from "../representation.ts";

const params = {
  ...denseParams,
  mode: {
    type: "choice",
    default: "time",
    options: ["time", "count"],
    label: "Steps of equal",
    help: "time: each step covers the same span. count: each step holds the same number of events.",
  },
  rule: {
    type: "choice",
    default: "clean",
    options: ["clean", "reference"],
    label: "Time rule",
    help: "clean: the span from the first to the last event is divided. reference: the last time stamp is divided, as in the reference code of sliding-kt, so recordings that start late leave late steps empty.",
  },
  value: {
    type: "choice",
    default: "count",
    options: ["count", "binary", "relative"],
    label: "Pixel value",
    help: "Events counted, 1 where there was any, or the count as a share of the largest one of its frame and polarity (published runs on N-Omniglot).",
  },
} as const satisfies ParamSpec;

/** Step of every chosen event, -1 for none; and where in the stream each step's events begin and end. */
interface Steps {
  readonly of: Int32Array;
  readonly begin: Int32Array;
  readonly end: Int32Array;
}

/**
 * Bins of a clip: `floor(span / T)` µs each, the last one closed (clean), or `floor(t_last / T)` µs from the first event on, events
 * beyond them lost (reference). Bins of a given window divide it evenly. Bin k of equal count holds events ⌊kn/T⌋ … ⌊(k+1)n/T⌋ − 1.
 */
function stepsOf(
  { store, first, end, range }: Selection,
  steps: number,
  mode: "time" | "count",
  rule: "clean" | "reference",
): Steps {
  const { times } = store;
  const count = end - first;
  const result: Steps = { of: new Int32Array(count), begin: new Int32Array(steps).fill(count), end: new Int32Array(steps) };
  const start = range?.start ?? times[first]!;
  const last = times[end - 1]!;
  const span =
    range === undefined
      ? Math.max(1, Math.floor((rule === "clean" ? last - start : last) / steps))
      : (range.end - range.start) / steps;
  const closed = rule === "clean" || range !== undefined;
  for (let i = 0, step = 0; i < count; i += 1) {
    if (mode === "count") {
      while (i >= Math.floor(((step + 1) * count) / steps)) step += 1;
    } else {
      step = Math.floor((times[first + i]! - start) / span);
      if (closed) step = Math.min(steps - 1, Math.max(0, step));
      else if (step < 0 || step >= steps) step = -1;
    }
    result.of[i] = step;
    if (step < 0) continue;
    if (result.begin[step] === count) result.begin[step] = i;
    result.end[step] = i + 1;
  }
  return result;
}

/** Makes the largest value of each polarity 1. */
function divideByLargest(plane: Float32Array): void {
  for (let channel = 0; channel < 2; channel += 1) {
    let largest = 0;
    for (let i = channel; i < plane.length; i += 2) if (plane[i]! > largest) largest = plane[i]!;
    if (largest === 0) continue;
    for (let i = channel; i < plane.length; i += 2) plane[i]! /= largest;
  }
}

/** Events counted per pixel, polarity and time step. */
export const eventFrame = {
  id: "event-frame",
  label: "Event frames",
  summary:
    "Events per pixel and polarity in equal steps of time or number, the input of the transfer methods (He et al., AAAI 2024, arXiv:2312.09467).",
  params,
  create: (options, sensor) =>
    denseAccumulator(options, sensor, (selection, { columns, rows, width }) => {
      const { packed } = selection.store;
      const steps = stepsOf(selection, options.steps, options.mode, options.rule);
      const binary = options.value === "binary";
      return (plane, step) => {
        plane.fill(0);
        const end = steps.end[step]!;
        for (let i = steps.begin[step]!; i < end; i += 1) {
          if (steps.of[i] !== step) continue;
          const word = packed[selection.first + i]!;
          const at = 2 * (rows[(word >>> 14) & 0x3fff]! * width + columns[word & 0x3fff]!) + (word >>> 28);
          if (binary) plane[at] = 1;
          else plane[at]! += 1;
        }
        if (options.value === "relative") divideByLargest(plane);
      };
    }),
} satisfies Representation<typeof params>;
