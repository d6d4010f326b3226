import { packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Thumbnail } from "#shared/api/stream-api.ts";

/** A reproducible random number for any integer, 0 to 1. */
export function hash(n: number): number {
  let x = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** Events between steps of the drawn scene, µs. */
const STEP_US = 12;

/** How lively the scene is at a time, 0 to 1: bursts with pauses between. */
export const liveliness = (t: number): number => Math.max(0.06, Math.sin((t / 4e6) * Math.PI) ** 2);

/** A bar that turns and swings, with noise around it: leading edge ON, trailing edge OFF. */
export function fakeEvents({ width, height }: Sensor, from: number, to: number, seed = 1): EventPacket {
  const words: number[] = [];
  const t0 = Math.floor(from);
  for (let step = Math.ceil(from / STEP_US); step * STEP_US < to; step++) {
    const t = step * STEP_US;
    const r = hash(step * 7 + seed);
    if (r > liveliness(t)) continue;
    const noise = hash(step * 13 + seed) < 0.08;
    const angle = (t / 1e6) * (1 + (seed % 3)) + seed;
    const along = (hash(step * 17 + seed) - 0.3) * height * 0.55;
    const p = hash(step * 19 + seed) < 0.55 ? 1 : 0;
    const across = (p === 1 ? 1 : -1) * (6 + hash(step * 23) * 3);
    const swing = Math.sin((t / 1e6) * 2) * width * 0.15;
    const x = noise ? hash(step * 29) * width : width / 2 + swing + Math.cos(angle) * along - Math.sin(angle) * across;
    const y = noise ? hash(step * 31) * height : height / 2 + Math.sin(angle) * along + Math.cos(angle) * across;
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    words.push(t - t0, packXyp(Math.floor(x), Math.floor(y), p));
  }
  return { t0, words: Uint32Array.from(words) };
}

/** The scene as a small moving picture. */
export function fakeThumbnail(from: number, to: number, seed: number): Thumbnail {
  const [width, height, frames] = [80, 60, 12];
  const pixels = new Int8Array(width * height * frames);
  for (let frame = 0; frame < frames; frame++) {
    const at = from + ((to - from) * frame) / frames;
    const { words } = fakeEvents({ width, height }, at, at + 30_000, seed);
    for (let i = 1; i < words.length; i += 2) {
      const word = words[i] ?? 0;
      const pixel = frame * width * height + ((word >>> 14) & 0x3fff) * width + (word & 0x3fff);
      pixels[pixel] = Math.max(-127, Math.min(127, (pixels[pixel] ?? 0) + (word >>> 28 === 1 ? 1 : -1)));
    }
  }
  return { width, height, frames, pixels };
}
