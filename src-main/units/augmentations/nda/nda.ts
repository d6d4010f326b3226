import type { ParamSpec } from "#shared/units/params.ts";
import type { Augmentation } from "../augmentation.ts";
import { applyMap, flipMap, rollMap, rotationMap, shearMap, type PixelMap } from "../warp.ts";

const params = {
  roll: {
    type: "number",
    default: 0.0625,
    min: 0,
    max: 0.5,
    unit: "of the side",
    label: "Roll",
    help: "Farthest roll along each axis; what leaves comes back at the other side. 3 of 48 px for N-Caltech101, 5 for CIFAR10-DVS.",
  },
  rotation: {
    type: "number",
    default: 15,
    min: 0,
    max: 180,
    unit: "°",
    label: "Rotation",
    help: "Largest angle to either side. 15 for N-Caltech101, 30 for CIFAR10-DVS.",
  },
  shear: {
    type: "number",
    default: 15,
    min: 0,
    max: 60,
    unit: "°",
    label: "Shear",
    help: "Largest angle to either side. 15 for N-Caltech101, 30 for CIFAR10-DVS.",
  },
  flip: {
    type: "number",
    default: 0,
    min: 0,
    max: 1,
    label: "Flip",
    help: "Probability of exchanging left and right before. Leave it at 0 where that changes the class, as with digits.",
  },
} as const satisfies ParamSpec;

/** One of roll, rotation and shear, the same for all steps of a clip (Li et al., "Neuromorphic Data Augmentation", ECCV 2022, arXiv 2203.06145). */
export const nda = {
  id: "nda",
  label: "Roll, rotate or shear",
  summary: "Rolls, rotates or shears each clip, one of them at a time, all steps alike (NDA; Li et al., ECCV 2022).",
  params,
  mixes: false,
  create:
    ({ roll, rotation, shear, flip }) =>
    ({ values, shape }, random) => {
      const [steps, size, height, width, channels] = shape;
      const frame = height * width * channels;
      const copy = new Float32Array(frame);
      const between = (most: number): number => (2 * random() - 1) * most;
      const pixels = (side: number): number => Math.round(between(roll * side));
      for (let n = 0; n < size; n += 1) {
        const maps: PixelMap[] = random() < flip ? [flipMap(height, width)] : [];
        const which = Math.floor(3 * random());
        if (which === 0) maps.push(rollMap(height, width, pixels(height), pixels(width)));
        else if (which === 1) maps.push(rotationMap(height, width, between(rotation)));
        else maps.push(shearMap(height, width, between(shear)));
        for (let t = 0; t < steps; t += 1) {
          const at = (t * size + n) * frame;
          for (const map of maps) applyMap(values.subarray(at, at + frame), copy, map, channels);
        }
      }
    },
} satisfies Augmentation<typeof params>;
