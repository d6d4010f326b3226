/** A seedable stream of uniform numbers whose state can be written into a checkpoint. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Whole number in [0, below). */
  readonly below: (below: number) => number;
  /** Four 32-bit words: everything needed to go on from here. */
  state(): readonly number[];
  restore(state: readonly number[]): void;
}

/** FNV-1a, 32 bits: spreads a purpose's name over a seed. */
function hash(text: string, start: number): number {
  let value = (0x811c9dc5 ^ start) >>> 0;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/**
 * One generator per purpose (initial weights, order, pairing, replacement, augmentation), so that switching off
 * one use does not shift the others. Generator: sfc32 (C. Doty-Humphrey, PractRand), period at least 2^64 here.
 */
export function createRandom(seed: number, purpose: string): Random {
  let a = hash(purpose, seed >>> 0);
  let b = hash(purpose, Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9);
  let c = seed >>> 0;
  let counter = 1;
  const next32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i += 1) next32(); // similar seeds are far apart after a dozen rounds
  const next = (): number => next32() / 0x1_0000_0000;
  return {
    next,
    below: (below) => Math.floor(next() * below),
    state: () => [a >>> 0, b >>> 0, c >>> 0, counter >>> 0],
    restore: ([a1 = 0, b1 = 0, c1 = 0, counter1 = 0]) => {
      a = a1 | 0;
      b = b1 | 0;
      c = c1 | 0;
      counter = counter1 | 0;
    },
  };
}

/** Fisher and Yates' shuffle, in place. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    const kept = items[i] as T;
    items[i] = items[j] as T;
    items[j] = kept;
  }
  return items;
}
