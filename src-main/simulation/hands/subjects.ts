import type { Random } from "../random.ts";
import type { PoseJitter } from "./pose.ts";
import type { Build } from "./skeleton.ts";
import type { Look } from "./shading.ts";

/** One imagined person: how the hand is built, colored and habitually held. */
export type Subject = {
  readonly build: Build;
  readonly skin: readonly [number, number, number];
  readonly nail: readonly [number, number, number];
  readonly sleeve: readonly [number, number, number];
  readonly habit: PoseJitter;
  readonly leftHanded: boolean;
};

/** Skin from light to dark, as sRGB bytes. */
const skins = [
  [244, 208, 177],
  [231, 184, 143],
  [219, 164, 126],
  [192, 134, 98],
  [166, 108, 74],
  [134, 84, 56],
  [98, 60, 40],
  [72, 44, 31],
] as const;

/** Linear color that the palms of dark skin tend to. */
const PALM_LIGHT = [0.5, 0.27, 0.18] as const;

/** Cloth, as sRGB bytes. */
const cloths = [
  [38, 62, 48],
  [34, 44, 72],
  [120, 46, 44],
  [208, 204, 196],
  [58, 58, 62],
  [150, 126, 92],
  [86, 108, 132],
  [24, 24, 28],
  [176, 140, 60],
] as const;

/** sRGB byte to linear light (IEC 61966-2-1). */
export function toLinear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear light to an sRGB byte (IEC 61966-2-1). */
export function toByte(light: number): number {
  const value = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.max(0, Math.min(255, Math.round(255 * value)));
}

type Rgb = readonly [number, number, number];
const linear = ([r, g, b]: Rgb, gain = 1): [number, number, number] => [
  gain * toLinear(r),
  gain * toLinear(g),
  gain * toLinear(b),
];

/** Joint angles and thumb directions around the clearest pose: standard deviations in degrees, and in palm lengths. */
export function createJitter(random: Random, strength: number): PoseJitter {
  const angles = [7, 6, 4, 4.5];
  return {
    fingers: Array.from({ length: 4 }, () => angles.map((sigma) => strength * sigma * random.normal())),
    thumb: Array.from({ length: 9 }, () => strength * 0.07 * random.normal()),
  };
}

/** Someone new. */
export function createSubject(random: Random): Subject {
  const tone = random.between(0, skins.length - 1.001);
  const low = skins[Math.floor(tone)] ?? skins[0];
  const high = skins[Math.floor(tone) + 1] ?? low;
  const share = tone - Math.floor(tone);
  const skin = linear([0, 1, 2].map((c) => (low[c] ?? 0) + ((high[c] ?? 0) - (low[c] ?? 0)) * share) as unknown as Rgb);
  // The palm, which is what is seen, is much lighter than the rest where skin is dark.
  const lift = 0.4 * Math.min(1, tone / (skins.length - 1));
  for (const [c, light] of PALM_LIGHT.entries()) skin[c] = (skin[c] ?? 0) + lift * (light - (skin[c] ?? 0));
  const [r, g, b] = skin;
  return {
    build: {
      fingerLength: random.between(0.88, 1.08),
      fingerWidth: random.between(0.9, 1.12),
      palmWidth: random.between(0.92, 1.1),
      sleeve: random.chance(0.75) ? random.between(0.3, 0.9) : 3,
    },
    skin,
    nail: [Math.min(1, 0.75 * r + 0.2), 0.75 * g + 0.12, 0.75 * b + 0.1],
    sleeve: linear(random.pick(cloths), random.between(0.8, 1.2)),
    habit: createJitter(random, 0.6),
    leftHanded: random.chance(0.3),
  };
}

/** Where the lamp stands and how bright it is. */
export type Lighting = Pick<Look, "light" | "ambient" | "diffuse">;

/** A lamp somewhere above and in front. `brightness` 1 is an ordinary room. */
export function createLighting(random: Random, brightness = 1): Lighting {
  const angle = random.between(-2.6, -0.5); // mostly from above, from left to right
  const tilt = random.between(0.5, 1.05);
  const ambient = random.between(0.24, 0.44);
  return {
    light: [Math.cos(angle) * Math.sin(tilt), Math.sin(angle) * Math.sin(tilt), Math.cos(tilt)],
    ambient: brightness * ambient,
    diffuse: brightness * (1.2 - ambient),
  };
}

/** What one person looks like under that light. */
export const lookOf = (subject: Subject, lighting: Lighting): Look => ({
  ...lighting,
  skin: subject.skin,
  nail: subject.nail,
  sleeve: subject.sleeve,
  cuff: subject.sleeve.map((value) => 0.75 * value + 0.01) as unknown as Rgb,
});
