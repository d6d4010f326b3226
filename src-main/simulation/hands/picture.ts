import type { Random } from "../random.ts";
import type { Gesture } from "../simulation.ts";
import { backgroundKinds, paintBackground } from "./backgrounds.ts";
import { createHandPainter } from "./painter.ts";
import { createStance, ordinaryVariety, type Variety } from "./performance.ts";
import { gesturePoses, jitterPose } from "./pose.ts";
import { createJitter, createLighting, lookOf, toByte, type Subject } from "./subjects.ts";
import { viewOf } from "./view.ts";

/** Each pixel is the mean of this many squared. */
const SAMPLES = 3;
/** A picture of dim light is exposed longer, but not fully. */
const DIM_EXPOSURE = 0.45;

/** A picture as bytes, red, green, blue and opaque. */
export type ColorPicture = { readonly width: number; readonly height: number; readonly rgba: Uint8Array };

/** An ordinary color picture of someone showing a gesture, drawn: another pose, light and background each time. */
export function createHandPicture(
  gesture: Gesture,
  subject: Subject,
  random: Random,
  options: { readonly side: number; readonly dim?: boolean; readonly variety?: Partial<Variety> },
): ColorPicture {
  const { side, dim = false } = options;
  const variety = { ...ordinaryVariety, ...options.variety };
  const fine = side * SAMPLES;
  const exposure = dim ? DIM_EXPOSURE : random.between(0.8, 1.12);
  const background = paintBackground(random.pick(backgroundKinds), fine, fine, exposure, random.fork("background"));
  const painter = createHandPainter(fine, fine, background, 3);
  const pose = jitterPose(jitterPose(gesturePoses[gesture], subject.habit), createJitter(random, variety.jitter));
  const stance = createStance(gesture, random, variety);
  const placement = { mirrored: subject.leftHanded, back: false, sideways: gesture === "thumb" ? 1 : 0 };
  const look = lookOf(subject, createLighting(random, exposure));
  const light = painter.paint({ pose, build: subject.build, look, view: viewOf(placement, stance, fine, fine) });

  const grain = dim ? 0.02 : 0.007;
  const rgba = new Uint8Array(4 * side * side).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = 0; v < SAMPLES; v++) {
          for (let u = 0; u < SAMPLES; u++) sum += light[3 * ((y * SAMPLES + v) * fine + x * SAMPLES + u) + c] ?? 0;
        }
        const value = sum / (SAMPLES * SAMPLES);
        rgba[4 * (y * side + x) + c] = toByte(Math.max(0, value + grain * Math.sqrt(value + 0.05) * random.normal()));
      }
    }
  }
  return { width: side, height: side, rgba };
}
