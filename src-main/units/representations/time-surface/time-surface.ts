import type { ParamSpec } from "#shared/units/params.ts";
import { denseAccumulator, denseParams } from "../dense-accumulator.ts";
import type { Representation } from "../representation.ts";

const params = {
  ...denseParams,
  tauUs: {
    type: "number",
    default: 30_000,
    min: 1,
    unit: "µs",
    label: "Decay time",
    help: "After so long an event counts for 1/e.",
  },
} as const satisfies ParamSpec;

/** How long ago each pixel last saw an event, as an exponential decay. */
export const timeSurface = {
  id: "time-surface",
  label: "Time surface",
  summary:
    "exp(−age/τ) of each pixel's latest event at the end of each step (Lagorce et al., HOTS, IEEE TPAMI 2017, doi:10.1109/TPAMI.2016.2574707).",
  params,
  create: (options, sensor) => {
    let latest = new Float64Array(0);
    return denseAccumulator(options, sensor, ({ store, first, end, range }, { columns, rows, width, height }) => {
      const { times, packed } = store;
      const length = 2 * width * height;
      if (latest.length === length) latest.fill(-Infinity);
      else latest = new Float64Array(length).fill(-Infinity);
      const start = range?.start ?? times[first]!;
      const span = ((range?.end ?? times[end - 1]!) - start) / options.steps;
      const rate = -1 / options.tauUs;
      let next = first;
      return (plane, step) => {
        const final = step === options.steps - 1;
        const now = start + span * (step + 1);
        // Events at the very end of a clip belong to the last step.
        for (; next < end && (final || times[next]! < now); next += 1) {
          const word = packed[next]!;
          const at = 2 * (rows[(word >>> 14) & 0x3fff]! * width + columns[word & 0x3fff]!) + (word >>> 28);
          latest[at] = Math.max(latest[at]!, times[next]!);
        }
        for (let i = 0; i < length; i += 1) {
          const t = latest[i]!;
          plane[i] = t === -Infinity ? 0 : Math.exp(rate * Math.max(0, now - t));
        }
      };
    });
  },
} satisfies Representation<typeof params>;
