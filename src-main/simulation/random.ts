/** A seeded source of random numbers; the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Normal with mean 0 and standard deviation 1. */
  readonly normal: () => number;
  /** Whole number in [0, count). */
  below(count: number): number;
  /** One of the entries, all equally likely. */
  pick<T>(entries: readonly T[]): T;
  chance(probability: number): boolean;
  /** Another source, independent of this one, that depends only on this one's seed and the name. */
  fork(name: string | number): Random;
}

/** FNV-1a of a text, continued from `seed`; only to spread seeds. */
function mix(seed: number, name: string | number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  const text = String(name);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Mulberry32 (T. Ettinger, public domain): 32 bits of state, good enough for pictures and noise, and fast. */
export function createRandom(seed: number): Random {
  let state = mix(seed >>> 0, "seed");
  let spare: number | undefined;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
  const random: Random = {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => {
      // Box-Muller gives two at a time.
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    below: (count) => Math.floor(uniform() * count),
    pick: (entries) => {
      const entry = entries[Math.floor(uniform() * entries.length)];
      if (entry === undefined) throw new RangeError("random: nothing to pick from");
      return entry;
    },
    chance: (probability) => uniform() < probability,
    fork: (name) => createRandom(mix(seed >>> 0, name)),
  };
  return random;
}
