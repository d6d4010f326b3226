import type { ParamSpec } from "#shared/units/params.ts";
import { startAppending } from "../append.ts";
import type { Filter } from "../filter.ts";

const params = {
  keep: { type: "choice", default: "on", options: ["on", "off"], label: "Keep", help: "on: brighter. off: darker." },
} as const satisfies ParamSpec;

/** Keeps one polarity. */
export const polarity = {
  id: "polarity",
  label: "Polarity",
  summary: "Keeps only the events that tell of more light, or only those that tell of less.",
  params,
  create: ({ keep }) => {
    const wanted = keep === "on" ? 1 : 0;
    return (input, out) => {
      const shift = startAppending(input, out);
      const { words } = input;
      const target = out.words;
      let length = out.length;
      for (let i = 0; i < words.length; i += 2) {
        const packed = words[i + 1]!;
        if (packed >>> 28 !== wanted) continue;
        target[length] = words[i]! + shift;
        target[length + 1] = packed;
        length += 2;
      }
      out.commit(length);
    };
  },
} satisfies Filter<typeof params>;
