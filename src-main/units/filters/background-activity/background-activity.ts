import type { ParamSpec } from "#shared/units/params.ts";
import { startAppending } from "../append.ts";
import type { Filter } from "../filter.ts";

const params = {
  windowUs: {
    type: "integer",
    default: 10_000,
    min: 1,
    max: 10_000_000,
    unit: "µs",
    label: "Time window",
    help: "An event passes when one of its eight neighbors has seen an event within this time before.",
  },
} as const satisfies ParamSpec;

/** Drops events that nothing nearby supports. */
export const backgroundActivity = {
  id: "background-activity",
  label: "Background activity",
  summary:
    "Drops noise: keeps events with a recent event on one of the eight pixels around (Delbruck, Frame-free dynamic digital vision, 2008).",
  params,
  create: ({ windowUs }, { width, height }) => {
    // A border of one pixel that never sees an event saves the tests at the edges.
    const stride = width + 2;
    const latest = new Float64Array(stride * (height + 2)).fill(-Infinity);
    return (input, out) => {
      const shift = startAppending(input, out);
      const { t0, words } = input;
      const target = out.words;
      let length = out.length;
      for (let i = 0; i < words.length; i += 2) {
        const offset = words[i]!;
        const packed = words[i + 1]!;
        const t = t0 + offset;
        const since = t - windowUs;
        const at = ((packed >>> 14) & 0x3fff) * stride + (packed & 0x3fff) + stride + 1;
        const above = at - stride;
        const below = at + stride;
        if (
          latest[at - 1]! >= since ||
          latest[at + 1]! >= since ||
          latest[above]! >= since ||
          latest[below]! >= since ||
          latest[above - 1]! >= since ||
          latest[above + 1]! >= since ||
          latest[below - 1]! >= since ||
          latest[below + 1]! >= since
        ) {
          target[length] = offset + shift;
          target[length + 1] = packed;
          length += 2;
        }
        latest[at] = t;
      }
      out.commit(length);
    };
  },
} satisfies Filter<typeof params>;
