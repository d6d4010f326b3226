import type { ParamSpec } from "#shared/units/params.ts";
import type { Augmentation } from "../augmentation.ts";
import { mixBatch, mixingParams } from "../mixing.ts";
import { gaussianMask } from "./gaussian-mask.ts";

const params = {
  ...mixingParams,
  components: {
    type: "integer",
    default: 3,
    min: 1,
    max: 8,
    label: "Components",
    help: "Number of Gaussians whose sum shapes the part that comes from the other clip.",
  },
} as const satisfies ParamSpec;

/**
 * Share of the first clip in the label: of the events kept, by the fractions of each clip's events that lie inside the mask
 * (x1 of the first, x2 of the second): 1 − x2/(1 − x1 + x2).
 */
export const labelWeight = (x1: number, x2: number): number => (1 - x1 + x2 === 0 ? 1 : 1 - x2 / (1 - x1 + x2));

/** A random region of space and time comes from another clip; the label by events (Shen et al., "EventMix", 2022, arXiv 2205.12054). */
export const eventMix = {
  id: "event-mix",
  label: "EventMix",
  summary:
    "Takes a random region of space and time from another clip; the label follows the events (Shen et al. 2022, arXiv 2205.12054).",
  params,
  mixes: true,
  create: (chosen) => (batch, random) =>
    mixBatch(batch, chosen, random, ({ values, shape }, before, n, m, lambda) => {
      const [steps, size, height, width, channels] = shape;
      const cells = height * width;
      const mask = gaussianMask([steps, height, width], 1 - lambda, chosen.components, random);
      const inside = [0, 0];
      const whole = [0, 0];
      for (let t = 0; t < steps; t += 1) {
        for (let cell = 0; cell < cells; cell += 1) {
          const own = ((t * size + n) * cells + cell) * channels;
          const other = ((t * size + m) * cells + cell) * channels;
          const masked = mask[t * cells + cell] === 1;
          for (let c = 0; c < channels; c += 1) {
            whole[0]! += before[own + c]!;
            whole[1]! += before[other + c]!;
            if (!masked) continue;
            inside[0]! += before[own + c]!;
            inside[1]! += before[other + c]!;
            values[own + c] = before[other + c]!;
          }
        }
      }
      const share = (which: 0 | 1): number => (whole[which] === 0 ? 0 : inside[which]! / whole[which]!);
      return labelWeight(share(0), share(1));
    }),
} satisfies Augmentation<typeof params>;
