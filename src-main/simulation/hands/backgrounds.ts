import type { Random } from "../random.ts";
import { toLinear } from "./subjects.ts";

/** What lies behind the hand. */
export const backgroundKinds = ["plain", "gradient", "table", "blobs", "texture", "shelf"] as const;
export type BackgroundKind = (typeof backgroundKinds)[number];

type Paint = (x: number, y: number) => readonly [number, number, number];

/** Walls, wood and cloth, as sRGB bytes. */
const tones = [
  [196, 192, 184],
  [148, 156, 160],
  [112, 120, 112],
  [170, 150, 124],
  [92, 96, 108],
  [206, 198, 178],
  [128, 108, 92],
  [70, 76, 82],
  [146, 164, 172],
] as const;

const linear = (tone: readonly [number, number, number], gain: number): [number, number, number] => [
  gain * toLinear(tone[0]),
  gain * toLinear(tone[1]),
  gain * toLinear(tone[2]),
];

/** Smooth noise: random values on a grid, blended by cosine; a few octaves. */
function createNoise(random: Random, cells: number): (x: number, y: number) => number {
  const size = cells + 2;
  const grid = Float32Array.from({ length: size * size }, () => random.uniform());
  return (x, y) => {
    const [fx, fy] = [x * cells, y * cells];
    const [ix, iy] = [Math.floor(fx), Math.floor(fy)];
    const sx = 0.5 - 0.5 * Math.cos(Math.PI * (fx - ix));
    const sy = 0.5 - 0.5 * Math.cos(Math.PI * (fy - iy));
    const at = (dx: number, dy: number): number => grid[Math.min(size - 1, iy + dy) * size + Math.min(size - 1, ix + dx)] ?? 0;
    const upper = at(0, 0) + (at(1, 0) - at(0, 0)) * sx;
    const lower = at(0, 1) + (at(1, 1) - at(0, 1)) * sx;
    return upper + (lower - upper) * sy;
  };
}

const mix = (
  a: readonly [number, number, number],
  b: readonly [number, number, number],
  share: number,
): [number, number, number] => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];

/** Coordinates of a paint go from 0 to 1. */
function createPaint(kind: BackgroundKind, random: Random): Paint {
  const base = linear(random.pick(tones), random.between(0.65, 1.15));
  const other = linear(random.pick(tones), random.between(0.5, 1.1));
  const angle = random.between(0, 2 * Math.PI);
  const [cx, cy] = [Math.cos(angle), Math.sin(angle)];
  switch (kind) {
    case "plain":
      return () => base;
    case "gradient":
      return (x, y) => mix(base, other, Math.min(1, Math.max(0, 0.5 + 0.8 * (cx * (x - 0.5) + cy * (y - 0.5)))));
    case "table": {
      // A wall and, below it, boards with grain.
      const edge = random.between(0.55, 0.85);
      const boards = random.between(4, 9);
      const grain = createNoise(random, 24);
      return (x, y) => {
        if (y < edge) return mix(base, other, 0.25 * y);
        const board = Math.floor((y - edge) * boards * 3);
        const shade =
          0.8 +
          0.12 * ((board * 7) % 3) +
          0.22 * grain(x * 0.35, Math.min(0.99, y)) -
          (((y - edge) * boards * 3) % 1 < 0.12 ? 0.25 : 0);
        return [other[0] * shade, other[1] * shade * 0.92, other[2] * shade * 0.8];
      };
    }
    case "blobs": {
      const blobs = Array.from({ length: 5 }, () => ({
        x: random.uniform(),
        y: random.uniform(),
        r: random.between(0.12, 0.32),
        tone: linear(random.pick(tones), random.between(0.5, 1.3)),
      }));
      return (x, y) => {
        let color: readonly [number, number, number] = base;
        for (const { x: bx, y: by, r, tone } of blobs) {
          const inside = (r - Math.hypot(x - bx, y - by)) / (0.35 * r);
          if (inside > 0) color = mix(color, tone, 0.6 * Math.min(1, inside));
        }
        return color;
      };
    }
    case "texture": {
      const [coarse, fine] = [createNoise(random, 5), createNoise(random, 26)];
      return (x, y) => {
        const shade = 0.7 + 0.4 * coarse(x, y) + 0.25 * fine(x, y);
        return [base[0] * shade, base[1] * shade, base[2] * shade];
      };
    }
    case "shelf": {
      const books = Array.from({ length: 14 }, () => ({
        width: random.between(0.04, 0.12),
        top: random.between(0.02, 0.14),
        tone: linear(random.pick(tones), random.between(0.35, 1.1)),
      }));
      const board = random.between(0.36, 0.5);
      return (x, y) => {
        const row = Math.floor(y / board);
        const within = y - row * board;
        if (within > board - 0.035) return [0.7 * other[0], 0.7 * other[1], 0.7 * other[2]];
        let left = -0.02 - 0.07 * row;
        for (const book of books) {
          if (x >= left && x < left + book.width - 0.006) return within < book.top ? mix(base, [0, 0, 0], 0.45) : book.tone;
          left += book.width;
        }
        return mix(base, [0, 0, 0], 0.4);
      };
    }
  }
}

/** That background as linear RGB, three values a pixel, darkened toward the corners a little as lenses do. */
export function paintBackground(kind: BackgroundKind, width: number, height: number, gain: number, random: Random): Float32Array {
  const paint = createPaint(kind, random);
  const pixels = new Float32Array(3 * width * height);
  const side = Math.max(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const [r, g, b] = paint((x + 0.5) / side, (y + 0.5) / side);
      const corner = 1 - 0.3 * (((x + 0.5) / width - 0.5) ** 2 + ((y + 0.5) / height - 0.5) ** 2);
      pixels[at] = gain * corner * r;
      pixels[at + 1] = gain * corner * g;
      pixels[at + 2] = gain * corner * b;
    }
  }
  return pixels;
}
