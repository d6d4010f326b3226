import type { ParamSpec } from "#shared/units/params.ts";
import { startAppending } from "../append.ts";
import type { Filter } from "../filter.ts";

const params = {
  x: { type: "integer", default: 0, min: 0, max: 16_383, unit: "px", label: "Left" },
  y: { type: "integer", default: 0, min: 0, max: 16_383, unit: "px", label: "Top" },
  width: { type: "integer", default: 0, min: 0, max: 16_384, unit: "px", label: "Width", help: "0 reaches to the right edge." },
  height: { type: "integer", default: 0, min: 0, max: 16_384, unit: "px", label: "Height", help: "0 reaches to the lower edge." },
} as const satisfies ParamSpec;

/** Keeps a rectangle. Coordinates stay those of the sensor. */
export const roi = {
  id: "roi",
  label: "Region of interest",
  summary: "Keeps the events of a rectangle; the coordinates stay those of the whole sensor.",
  params,
  create: ({ x: left, y: top, width, height }, sensor) => {
    const columns = width === 0 ? Math.max(0, sensor.width - left) : width;
    const rows = height === 0 ? Math.max(0, sensor.height - top) : height;
    return (input, out) => {
      const shift = startAppending(input, out);
      const { words } = input;
      const target = out.words;
      let length = out.length;
      for (let i = 0; i < words.length; i += 2) {
        const packed = words[i + 1]!;
        const x = (packed & 0x3fff) - left;
        const y = ((packed >>> 14) & 0x3fff) - top;
        if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
        target[length] = words[i]! + shift;
        target[length + 1] = packed;
        length += 2;
      }
      out.commit(length);
    };
  },
} satisfies Filter<typeof params>;
