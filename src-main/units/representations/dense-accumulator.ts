import type { Sensor, TimeRange } from "#shared/events/sensor.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import { cropped, parseCrop } from "./crop.ts";
import { EventStore } from "./event-store.ts";
import { boundingBox, frameMap, type FrameMap } from "./frame-map.ts";
import type { Accumulator } from "./representation.ts";
import { resizeRules, type ResizeRule } from "./resize.ts";

/** Parameters that all representations have: how many steps, how large, and how frames get there. */
export const denseParams = {
  steps: { type: "integer", default: 5, min: 1, max: 1000, label: "Time steps", help: "Number of frames a window is cut into." },
  size: {
    type: "integer",
    default: 0,
    min: 0,
    max: 2048,
    unit: "px",
    label: "Size",
    help: "Both sides of the frames. 0 keeps the sensor's size, or takes the model's in a training run.",
  },
  resize: {
    type: "choice",
    default: "half-pixel",
    options: resizeRules,
    label: "Resize",
    help: "half-pixel: bilinear with pixel centers at halves. corners-aligned: bilinear as the reference code of the transfer methods does. cells: each event counts in the output pixel it falls on, for sensors much larger than the frames.",
  },
  bounds: {
    type: "choice",
    default: "sensor",
    options: ["sensor", "bounding-box"],
    label: "Bounds",
    help: "What fills the frame: the whole sensor, or the box around the events of the window.",
  },
  crop: {
    type: "text",
    default: "",
    label: "Crop",
    help: "Only this part of the sensor, in its pixels: left, top, width and height with commas between them. Published runs on N-Omniglot use 54,4,250,250.",
  },
} as const satisfies ParamSpec;

/** The parameters' values. */
export interface DenseOptions {
  readonly steps: number;
  readonly size: number;
  readonly resize: ResizeRule;
  readonly bounds: "sensor" | "bounding-box";
  readonly crop: string;
}

/** The events of the window being read: those from `first` to before `end` in the store, and the span they are spread over. */
export interface Selection {
  readonly store: EventStore;
  readonly first: number;
  readonly end: number;
  readonly range: TimeRange | undefined;
}

/** Fills one frame after the other, from the first step to the last. The plane `[height, width, 2]` is not cleared between steps. */
export type FillStep = (plane: Float32Array, step: number) => void;

/**
 * The part that all representations share: collecting events, choosing those of the window, mapping pixels, resizing.
 * @param prepare looks at the window once and answers what fills its steps.
 */
export function denseAccumulator(
  { steps, size, resize, bounds, crop }: DenseOptions,
  sensor: Sensor,
  prepare: (selection: Selection, map: FrameMap) => FillStep,
): Accumulator {
  const store = new EventStore();
  const shape = [steps, size === 0 ? sensor.height : size, size === 0 ? sensor.width : size, 2] as const;
  const frame = shape[1] * shape[2] * 2;
  const box = parseCrop(crop);
  const whole = bounds === "sensor" ? frameMap(sensor, box, size, resize) : undefined;
  let plane = new Float32Array(0);
  return {
    shape,
    add: (packet) => store.add(box === undefined ? packet : cropped(packet, box)),
    clear: () => store.clear(),
    read: (out, range) => {
      if (out.length !== steps * frame) {
        throw new RangeError(`representation: the output has ${out.length} values, expected ${steps * frame}`);
      }
      const selection = select(store, range);
      if (selection.first === selection.end) {
        out.fill(0);
        return;
      }
      const map = whole ?? frameMap(sensor, boundingBox(selection.store, selection.first, selection.end), size, resize);
      const length = 2 * map.width * map.height;
      if (plane.length === length) plane.fill(0);
      else plane = new Float32Array(length);
      const fill = prepare(selection, map);
      for (let step = 0; step < steps; step += 1) {
        fill(plane, step);
        map.write(plane, out, step * frame);
      }
    },
  };
}

/** The events in the range. Where a small step back reaches over an end, they are copied together. */
function select(store: EventStore, range: TimeRange | undefined): Selection {
  if (range === undefined) return { store, first: 0, end: store.count, range };
  const { times, packed, count } = store;
  const inside = (i: number): boolean => times[i]! >= range.start && times[i]! < range.end;
  let first = 0;
  let end = count;
  while (first < end && !inside(first)) first += 1;
  while (end > first && !inside(end - 1)) end -= 1;
  let all = true;
  for (let i = first; i < end && all; i += 1) all = inside(i);
  if (all) return { store, first, end, range };
  const chosen = new EventStore();
  const words = new Uint32Array(2);
  for (let i = first; i < end; i += 1) {
    if (!inside(i)) continue;
    words[1] = packed[i]!;
    chosen.add({ t0: times[i]!, words });
  }
  return { store: chosen, first: 0, end: chosen.count, range };
}
