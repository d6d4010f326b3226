import type { ParamSpec } from "#shared/units/params.ts";
import { startAppending } from "../append.ts";
import type { Filter } from "../filter.ts";

const params = {
  periodUs: {
    type: "integer",
    default: 1000,
    min: 1,
    max: 10_000_000,
    unit: "µs",
    label: "Period",
    help: "After an event a pixel stays silent for this time, whatever the polarity.",
  },
} as const satisfies ParamSpec;

/** Gives each pixel a dead time. */
export const refractory = {
  id: "refractory",
  label: "Refractory period",
  summary: "After an event that passed, drops the same pixel's events for a while: thins out bursts and flicker.",
  params,
  create: ({ periodUs }, { width, height }) => {
    const ready = new Float64Array(width * height).fill(-Infinity);
    return (input, out) => {
      const shift = startAppending(input, out);
      const { t0, words } = input;
      const target = out.words;
      let length = out.length;
      for (let i = 0; i < words.length; i += 2) {
        const offset = words[i]!;
        const packed = words[i + 1]!;
        const t = t0 + offset;
        const at = ((packed >>> 14) & 0x3fff) * width + (packed & 0x3fff);
        if (t < ready[at]!) continue;
        ready[at] = t + periodUs;
        target[length] = offset + shift;
        target[length + 1] = packed;
        length += 2;
      }
      out.commit(length);
    };
  },
} satisfies Filter<typeof params>;
