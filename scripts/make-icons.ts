import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { rootDir } from "#main/lib/paths.ts";

/*
 * Draws the mark (an OFF pixel, a jump, an ON pixel) as assets/icons/icon.svg and as PNGs from the same shapes.
 *   node scripts/make-icons.ts
 */

const SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];
/** The drawing is 64 wide. */
const UNIT = 64;
/** Samples per pixel and direction. */
const FINE = 4;

type Color = readonly [red: number, green: number, blue: number];
interface Shape {
  readonly color: Color;
  readonly svg: string;
  contains(x: number, y: number): boolean;
}

const hex = (color: Color): string => `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function tile(x: number, y: number, size: number, radius: number, color: Color): Shape {
  const half = size / 2;
  return {
    color,
    svg: `<rect x="${x}" y="${y}" width="${size}" height="${size}" rx="${radius}" fill="${hex(color)}"/>`,
    contains: (px, py) => {
      const dx = Math.max(0, Math.abs(px - x - half) - half + radius);
      const dy = Math.max(0, Math.abs(py - y - half) - half + radius);
      return dx * dx + dy * dy <= radius * radius;
    },
  };
}

/** A quarter of a circle, from its left end up to its top, with round ends. */
function jump(cx: number, cy: number, radius: number, width: number, color: Color): Shape {
  const ends = [
    [cx - radius, cy],
    [cx, cy - radius],
  ] as const;
  return {
    color,
    svg: `<path d="M ${cx - radius} ${cy} A ${radius} ${radius} 0 0 1 ${cx} ${cy - radius}" fill="none" stroke="${hex(color)}" stroke-width="${width}" stroke-linecap="round"/>`,
    contains: (x, y) => {
      if (ends.some(([ex, ey]) => Math.hypot(x - ex, y - ey) <= width / 2)) return true;
      return x <= cx && y <= cy && Math.abs(Math.hypot(x - cx, y - cy) - radius) <= width / 2;
    },
  };
}

const shapes: readonly Shape[] = [
  tile(3, 3, 58, 13, [0x10, 0x14, 0x18]),
  tile(11, 37, 16, 2.5, [0x3d, 0x9b, 0xff]),
  jump(31, 31, 12, 4, [0xab, 0xb0, 0xb7]),
  tile(37, 11, 16, 2.5, [0xff, 0xb0, 0x20]),
];

function draw(size: number): Buffer {
  const picture = new PNG({ width: size, height: size });
  const step = UNIT / (size * FINE);
  for (let i = 0; i < size * size; i++) {
    const sum = [0, 0, 0, 0];
    for (let k = 0; k < FINE * FINE; k++) {
      const x = ((i % size) * FINE + (k % FINE) + 0.5) * step;
      const y = (Math.floor(i / size) * FINE + Math.floor(k / FINE) + 0.5) * step;
      const top = shapes.findLast((shape) => shape.contains(x, y));
      if (top === undefined) continue;
      for (const [channel, value] of top.color.entries()) sum[channel] = (sum[channel] ?? 0) + value;
      sum[3] = (sum[3] ?? 0) + 1;
    }
    const hits = sum[3] ?? 0;
    for (let channel = 0; channel < 3; channel++)
      picture.data[4 * i + channel] = hits === 0 ? 0 : Math.round((sum[channel] ?? 0) / hits);
    picture.data[4 * i + 3] = Math.round((255 * hits) / (FINE * FINE));
  }
  return PNG.sync.write(picture);
}

const folder = join(rootDir, "assets", "icons");
mkdirSync(folder, { recursive: true });
const drawing = shapes.map(({ svg }) => `  ${svg}`).join("\n");
writeFileSync(
  join(folder, "icon.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${UNIT} ${UNIT}" role="img" aria-label="Saccade: an OFF pixel, a jump, an ON pixel">\n${drawing}\n</svg>\n`,
);
for (const size of SIZES) writeFileSync(join(folder, `${size}x${size}.png`), draw(size));
console.error(`saccade: drew ${SIZES.length} icons`);
