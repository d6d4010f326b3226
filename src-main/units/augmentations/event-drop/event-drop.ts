import type { ParamSpec } from "#shared/units/params.ts";
import type { Augmentation } from "../augmentation.ts";
import { boxAround } from "../box.ts";

const params = {
  time: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 1,
    unit: "of the steps",
    label: "Time",
    help: "Longest run of time steps that is emptied.",
  },
  area: {
    type: "number",
    default: 0.25,
    min: 0,
    max: 1,
    unit: "of the frame",
    label: "Area",
    help: "Largest box that is emptied in all steps.",
  },
  events: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 1,
    unit: "of the events",
    label: "Events",
    help: "Largest share of single events that is dropped.",
  },
} as const satisfies ParamSpec;

/** What is left of a value when each unit of it, and the rest, is dropped with probability p. */
function thinned(value: number, p: number, random: () => number): number {
  if (value <= 0) return value;
  const whole = Math.floor(value);
  let kept = 0;
  for (let i = 0; i < whole; i += 1) if (random() >= p) kept += 1;
  const rest = value - whole;
  return rest > 0 && random() >= p ? kept + rest : kept;
}

/**
 * Each clip keeps all its events, or loses a stretch of time, a box, or single events (Gu et al., "EventDrop", IJCAI 2021,
 * arXiv 2106.05836). Here frames are thinned and not the events themselves: each unit of a value counts as one event.
 */
export const eventDrop = {
  id: "event-drop",
  label: "EventDrop",
  summary: "Empties a stretch of time, a box or single events of each clip, or nothing (after Gu et al., IJCAI 2021; on frames).",
  params,
  mixes: false,
  create:
    ({ time, area, events }) =>
    ({ values, shape }, random) => {
      const [steps, size, height, width, channels] = shape;
      const frame = height * width * channels;
      for (let n = 0; n < size; n += 1) {
        const which = Math.floor(4 * random());
        const share = random();
        if (which === 0) continue;
        if (which === 1) {
          const count = Math.round(share * time * steps);
          const from = Math.floor(random() * (steps - count + 1));
          for (let t = from; t < from + count; t += 1) values.fill(0, (t * size + n) * frame, (t * size + n + 1) * frame);
        } else if (which === 2) {
          const side = Math.sqrt(share * area);
          const [y, x] = [Math.floor(random() * height), Math.floor(random() * width)];
          const { top, bottom, left, right } = boxAround(
            height,
            width,
            Math.round(height * side),
            Math.round(width * side),
            y,
            x,
          );
          for (let t = 0; t < steps; t += 1) {
            for (let row = top; row < bottom; row += 1) {
              const line = ((t * size + n) * height + row) * width;
              values.fill(0, (line + left) * channels, (line + right) * channels);
            }
          }
        } else {
          for (let t = 0; t < steps; t += 1) {
            const at = (t * size + n) * frame;
            for (let i = at; i < at + frame; i += 1) values[i] = thinned(values[i]!, share * events, random);
          }
        }
      }
    },
} satisfies Augmentation<typeof params>;
