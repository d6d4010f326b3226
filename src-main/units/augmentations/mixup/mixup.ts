import type { ParamSpec } from "#shared/units/params.ts";
import type { Augmentation } from "../augmentation.ts";
import { mixBatch, mixingParams } from "../mixing.ts";

const params = {
  ...mixingParams,
  probability: { ...mixingParams.probability, default: 1 },
} as const satisfies ParamSpec;

/** λ·a + (1 − λ)·b of frames and labels alike (Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018). */
export const mixup = {
  id: "mixup",
  label: "Mixup",
  summary: "Adds up two clips and their labels in random shares (Zhang et al., ICLR 2018).",
  params,
  mixes: true,
  create: (chosen) => (batch, random) =>
    mixBatch(batch, chosen, random, ({ values, shape }, before, n, m, lambda) => {
      const [steps, size, height, width, channels] = shape;
      const frame = height * width * channels;
      for (let t = 0; t < steps; t += 1) {
        const own = (t * size + n) * frame;
        const other = (t * size + m) * frame;
        for (let i = 0; i < frame; i += 1) values[own + i] = lambda * before[own + i]! + (1 - lambda) * before[other + i]!;
      }
      return lambda;
    }),
} satisfies Augmentation<typeof params>;
