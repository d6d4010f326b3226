import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PNG } from "pngjs";
import { createRandom, type Random } from "#main/simulation/random.ts";

/*
 * Draws small coloured pictures of ten kinds of objects before cluttered backgrounds: a generated stand-in for CIFAR-10, where no
 * such data can be had. Only the shape tells the class; colour, place, size, turn, light and background are chance.
 *   node scripts/make-objects.ts DIR [--per-class 60] [--seed 1]
 * writes DIR/pictures/CLASS/0001.png …; `saccade simulate DIR/pictures DIR/recordings` films them.
 */

const SIDE = 32;
/** Rays per pixel along each axis, so that edges are soft. */
const RAYS = 3;

type Shape = (u: number, v: number) => boolean;
const round = (u: number, v: number): number => Math.hypot(u, v);

/** Whether a point of [−1, 1]² belongs to the object. */
const shapes: Readonly<Record<string, Shape>> = {
  disc: (u, v) => round(u, v) < 0.75,
  ring: (u, v) => Math.abs(round(u, v) - 0.65) < 0.19,
  square: (u, v) => Math.max(Math.abs(u), Math.abs(v)) < 0.68,
  frame: (u, v) => Math.abs(Math.max(Math.abs(u), Math.abs(v)) - 0.62) < 0.17,
  triangle: (u, v) => v < 0.6 && v > -0.8 + 2 * Math.abs(u) - 0.05,
  cross: (u, v) => Math.min(Math.abs(u), Math.abs(v)) < 0.22 && Math.max(Math.abs(u), Math.abs(v)) < 0.85,
  star: (u, v) => round(u, v) < 0.55 + 0.35 * Math.cos(5 * Math.atan2(u, -v)),
  crescent: (u, v) => round(u, v) < 0.8 && round(u - 0.38, v) > 0.62,
  bars: (u, v) => Math.abs(Math.abs(v) - 0.45) < 0.2 && Math.abs(u) < 0.8,
  angle: (u, v) => (Math.abs(u + 0.5) < 0.22 && Math.abs(v) < 0.8) || (Math.abs(v - 0.58) < 0.22 && u > -0.7 && u < 0.75),
};

type Color = readonly [number, number, number];
const luma = ([r, g, b]: Color): number => 0.299 * r + 0.587 * g + 0.114 * b;
const anyColor = (random: Random): Color => [random.uniform(), random.uniform(), random.uniform()];

/** A colour that can be told from another one by its brightness: an event camera sees nothing else. */
function colorBeside(other: Color, random: Random): Color {
  for (;;) {
    const color = anyColor(random);
    if (Math.abs(luma(color) - luma(other)) > 0.22) return color;
  }
}

/** A background: two colours that run into each other, waves, and lines and spots of other colours. */
function background(random: Random): { readonly color: (x: number, y: number) => Color; readonly mean: Color } {
  const from = anyColor(random);
  const to = from.map((value) => Math.min(1, Math.max(0, value + random.between(-0.25, 0.25)))) as unknown as Color;
  const turn = random.between(0, 2 * Math.PI);
  const wave = { angle: random.between(0, Math.PI), length: random.between(4, 14), height: random.between(0, 0.1) };
  const spots = Array.from({ length: 2 + random.below(4) }, () => ({
    x: random.between(0, SIDE),
    y: random.between(0, SIDE),
    radius: random.between(1, 4),
    stretch: random.between(0.3, 1),
    color: anyColor(random),
    strength: random.between(0.2, 0.6),
  }));
  const mean = from.map((value, c) => (value + (to[c] ?? 0)) / 2) as unknown as Color;
  const color = (x: number, y: number): Color => {
    const along = 0.5 + ((x - SIDE / 2) * Math.cos(turn) + (y - SIDE / 2) * Math.sin(turn)) / (1.5 * SIDE);
    const ripple = wave.height * Math.sin((2 * Math.PI * (x * Math.cos(wave.angle) + y * Math.sin(wave.angle))) / wave.length);
    let mixed = from.map((value, c) => value + ((to[c] ?? 0) - value) * along + ripple);
    for (const spot of spots) {
      const near = Math.hypot(x - spot.x, (y - spot.y) / spot.stretch) < spot.radius;
      if (near) mixed = mixed.map((value, c) => value + ((spot.color[c] ?? 0) - value) * spot.strength);
    }
    return mixed as unknown as Color;
  };
  return { color, mean };
}

/** One picture of a class. */
function draw(shape: Shape, random: Random): PNG {
  const behind = background(random);
  const front = colorBeside(behind.mean, random);
  const size = random.between(7.5, 12);
  const [x0, y0] = [random.between(12, 20), random.between(12, 20)];
  const turn = random.between(-0.35, 0.35);
  const [cosine, sine] = [Math.cos(turn) / size, Math.sin(turn) / size];
  const light = { angle: random.between(0, 2 * Math.PI), strength: random.between(0, 0.25) };
  const png = new PNG({ width: SIDE, height: SIDE });
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const sum = [0, 0, 0];
      for (let ray = 0; ray < RAYS * RAYS; ray += 1) {
        const [px, py] = [x + ((ray % RAYS) + 0.5) / RAYS, y + (Math.floor(ray / RAYS) + 0.5) / RAYS];
        const [u, v] = [(px - x0) * cosine + (py - y0) * sine, (py - y0) * cosine - (px - x0) * sine];
        const inside = shape(u, v);
        const shade = inside ? 1 + light.strength * (u * Math.cos(light.angle) + v * Math.sin(light.angle)) : 1;
        const color = inside ? front : behind.color(px, py);
        for (let c = 0; c < 3; c += 1) sum[c] = (sum[c] ?? 0) + (color[c] ?? 0) * shade;
      }
      for (let c = 0; c < 3; c += 1) {
        const value = (sum[c] ?? 0) / (RAYS * RAYS) + 0.015 * random.normal();
        png.data[4 * (y * SIDE + x) + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
      png.data[4 * (y * SIDE + x) + 3] = 255;
    }
  }
  return png;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "per-class": { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("node scripts/make-objects.ts DIR: the folder to write is missing");
const seeded = createRandom(Number(values.seed));
for (const [name, shape] of Object.entries(shapes)) {
  const into = join(folder, "pictures", name);
  await mkdir(into, { recursive: true });
  for (let n = 1; n <= Number(values["per-class"]); n += 1) {
    const png = draw(shape, seeded.fork(`${name} ${n}`));
    await writeFile(join(into, `${String(n).padStart(4, "0")}.png`), PNG.sync.write(png, { colorType: 2 }));
  }
}
