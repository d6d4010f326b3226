import type { Sensor } from "#shared/events/sensor.ts";

/**
 * EVT 3.0 words as a 1280×720 sensor sends them when edges move through the picture: rows of short runs, a third of them as
 * vectors, a time word every few µs. For benchmarks; the same seed gives the same words.
 */
export function syntheticEvt3(
  events: number,
  sensor: Sensor,
  seed = 1,
): { readonly words: Uint16Array; readonly events: number } {
  let state = seed >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
  let words = new Uint16Array(Math.ceil(1.5 * events) + 64);
  let at = 0;
  let made = 0;
  let t = 0;
  let high = -1;
  while (made < events) {
    if (at + 64 > words.length) {
      const grown = new Uint16Array(2 * words.length);
      grown.set(words);
      words = grown;
    }
    t += 1 + random(3);
    if (Math.floor(t / 4096) !== high) {
      high = Math.floor(t / 4096);
      words[at++] = 0x8000 | (high & 0xfff);
    }
    words[at++] = 0x6000 | (t & 0xfff);
    for (let rows = 1 + random(4); rows > 0; rows -= 1) {
      words[at++] = random(sensor.height);
      // An edge that wanders: where it is, events lie close together.
      const x = (Math.floor(t / 500) + random(200)) % (sensor.width - 32);
      const p = random(2) << 11;
      if (random(3) === 0) {
        const masks = [random(0x1000) & random(0x1000), random(0x1000), random(0x100) & random(0x100)];
        words[at++] = 0x3000 | p | x;
        words[at++] = 0x4000 | masks[0]!;
        words[at++] = 0x4000 | masks[1]!;
        words[at++] = 0x5000 | masks[2]!;
        for (const mask of masks) for (let rest = mask; rest !== 0; rest &= rest - 1) made += 1;
      } else {
        for (let run = 1 + random(3); run > 0; run -= 1, made += 1) words[at++] = 0x2000 | p | (x + 2 * run);
      }
    }
  }
  return { words: words.subarray(0, at), events: made };
}
