import type { ParamSpec } from "#shared/units/params.ts";
import type { Augmentation } from "../augmentation.ts";
import { boxAround, type Box } from "../box.ts";
import { mixBatch, mixingParams } from "../mixing.ts";

const params = {
  ...mixingParams,
  probability: { ...mixingParams.probability, default: 1 },
} as const satisfies ParamSpec;

/** The box that comes from the second clip, of the area 1 − λ before the frame cuts it, and the share of area that is kept. */
export function cutBox(
  height: number,
  width: number,
  lambda: number,
  centerY: number,
  centerX: number,
): { readonly box: Box; readonly kept: number } {
  const side = Math.sqrt(1 - lambda);
  const box = boxAround(height, width, Math.floor(height * side), Math.floor(width * side), centerY, centerX);
  return { box, kept: 1 - ((box.bottom - box.top) * (box.right - box.left)) / (height * width) };
}

/** A box of every step comes from another clip; the label by area (Yun et al., "CutMix", ICCV 2019, arXiv 1905.04899). */
export const cutMix = {
  id: "cut-mix",
  label: "CutMix",
  summary: "Puts a box of another clip into a clip, over all steps; the label follows the area (Yun et al., ICCV 2019).",
  params,
  mixes: true,
  create: (chosen) => (batch, random) =>
    mixBatch(batch, chosen, random, ({ values, shape }, before, n, m, lambda) => {
      const [steps, size, height, width, channels] = shape;
      const { box, kept } = cutBox(height, width, lambda, Math.floor(random() * height), Math.floor(random() * width));
      const length = (box.right - box.left) * channels;
      for (let t = 0; t < steps; t += 1) {
        for (let y = box.top; y < box.bottom; y += 1) {
          const own = ((t * size + n) * height + y) * width + box.left;
          const other = ((t * size + m) * height + y) * width + box.left;
          values.set(before.subarray(other * channels, other * channels + length), own * channels);
        }
      }
      return kept;
    }),
} satisfies Augmentation<typeof params>;
