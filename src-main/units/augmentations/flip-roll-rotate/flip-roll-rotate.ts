import type { ParamSpec } from "#shared/units/params.ts";
import type { Augmentation } from "../augmentation.ts";
import { applyMap, flipMap, rollMap, rotationMap, type PixelMap } from "../warp.ts";

const params = {
  flip: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 1,
    label: "Flip",
    help: "Probability of exchanging left and right. Set it to 0 where that changes the class, as with digits.",
  },
  roll: {
    type: "number",
    default: 0,
    min: 0,
    max: 0.5,
    unit: "of the side",
    label: "Roll",
    help: "Farthest roll along both axes; what leaves comes back at the other side. 5 of 48 px in the runs of R2ETL.",
  },
  rotation: {
    type: "number",
    default: 15,
    min: 0,
    max: 180,
    unit: "°",
    label: "Rotation",
    help: "Largest angle to either side. 15 in the runs of He et al. on CEP-DVS and CIFAR10-DVS, 0 in those of R2ETL.",
  },
} as const satisfies ParamSpec;

/**
 * Flip, roll and rotation of each clip, all steps alike, one after the other: the variations of the published runs on CEP-DVS and
 * CIFAR10-DVS (He et al., AAAI 2024, arXiv 2303.13077; Zhan et al., IEEE TIP 2024). The random crop with a border that goes with them
 * is the shift of every transfer.
 */
export const flipRollRotate = {
  id: "flip-roll-rotate",
  label: "Flip, roll and rotate",
  summary: "Flips, rolls and turns each clip, all of them, all steps alike (He et al., AAAI 2024; Zhan et al., IEEE TIP 2024).",
  params,
  mixes: false,
  create:
    ({ flip, roll, rotation }) =>
    ({ values, shape }, random) => {
      const [steps, size, height, width, channels] = shape;
      const frame = height * width * channels;
      const copy = new Float32Array(frame);
      const between = (most: number): number => (2 * random() - 1) * most;
      for (let n = 0; n < size; n += 1) {
        const flipped = random() < flip;
        const [down, right] = [Math.round(between(roll * height)), Math.round(between(roll * width))];
        const angle = between(rotation);
        const maps: PixelMap[] = [
          ...(flipped ? [flipMap(height, width)] : []),
          ...(down !== 0 || right !== 0 ? [rollMap(height, width, down, right)] : []),
          ...(angle === 0 ? [] : [rotationMap(height, width, angle)]),
        ];
        for (let t = 0; t < steps; t += 1) {
          const at = (t * size + n) * frame;
          for (const map of maps) applyMap(values.subarray(at, at + frame), copy, map, channels);
        }
      }
    },
} satisfies Augmentation<typeof params>;
