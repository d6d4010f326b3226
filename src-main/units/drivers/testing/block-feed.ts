import type { WireFeed } from "./wire-feed.ts";

/** Time words count steps of 4096 µs in 12 bits. */
const STEP_US = 4096;
const STEPS = 4096;
const TIME_HIGH = 0x8000;
/** A block lasts 65.5 ms. */
const BLOCK_STEPS = 16;
const WIDTH = 1280;
const HEIGHT = 720;

/** A stretch of EVT 3.0 that can be sent again and again: only its time words have to go on. */
export interface Evt3Block {
  readonly words: Uint16Array;
  readonly events: number;
  /** Where its time words of the upper half lie. */
  readonly timeWords: readonly number[];
  readonly spanUs: number;
}

/**
 * Rows of short runs at so many events a µs, a third of them as vectors, a time word for every µs with events: what a sensor sends
 * when edges move through its picture. The same rate gives the same words.
 */
export function evt3Block(eventsPerUs: number): Evt3Block {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
  const spanUs = BLOCK_STEPS * STEP_US;
  let words = new Uint16Array(Math.ceil(2 * spanUs * eventsPerUs) + 2 * BLOCK_STEPS + 64);
  const timeWords: number[] = [];
  let at = 0;
  let events = 0;
  for (let t = 0; t < spanUs; t++) {
    if (at + 4096 > words.length) {
      const grown = new Uint16Array(2 * words.length + 4096);
      grown.set(words);
      words = grown;
    }
    if (t % STEP_US === 0) {
      timeWords.push(at);
      words[at++] = TIME_HIGH | (t / STEP_US);
    }
    if (events >= (t + 1) * eventsPerUs) continue;
    words[at++] = 0x6000 | (t % STEP_US);
    while (events < (t + 1) * eventsPerUs && at + 8 < words.length) {
      words[at++] = random(HEIGHT);
      const x = (Math.floor(t / 500) + random(200)) % (WIDTH - 32);
      const p = random(2) << 11;
      if (random(3) === 0) {
        words[at++] = 0x3000 | p | x;
        for (const [type, bits] of [
          [0x4000, 12],
          [0x4000, 12],
          [0x5000, 8],
        ] as const) {
          const mask = random(1 << bits) & random(1 << bits);
          words[at++] = type | mask;
          for (let rest = mask; rest !== 0; rest &= rest - 1) events += 1;
        }
      } else {
        for (let run = 1 + random(3); run > 0; run -= 1, events += 1) words[at++] = 0x2000 | p | (x + 2 * run);
      }
    }
  }
  // Eight bytes are lost together or not at all.
  while (at % 4 !== 0) words[at++] = 0x6000 | (STEP_US - 1);
  return { words: words.slice(0, at), events, timeWords, spanUs };
}

/** The blocks of a stream one after the other; each is lent until the next one is asked for. */
export function evt3Blocks({ words, timeWords }: Evt3Block): (number: number) => Uint8Array {
  const own = words.slice();
  const bytes = new Uint8Array(own.buffer);
  return (number) => {
    for (const [i, at] of timeWords.entries()) own[at] = TIME_HIGH | ((number * BLOCK_STEPS + i) % STEPS);
    return bytes;
  };
}

/** Blocks by the clock, in the camera's own words. What it has sent it knows. */
export interface BlockFeed extends WireFeed {
  readonly paced: true;
  /** Begins to send now. */
  start(): void;
  /** Everything has been handed out. */
  readonly done: boolean;
  readonly sentBytes: number;
}

/** Sends so many blocks, each in the time it lasts. */
export function blockFeed(block: Evt3Block, blocks: number, nowMs: () => number = () => performance.now()): BlockFeed {
  const make = evt3Blocks(block);
  const blockBytes = block.words.byteLength;
  const bytesPerMs = blockBytes / (block.spanUs / 1000);
  const total = blocks * blockBytes;
  let current = make(0);
  let number = 0;
  let began: number | undefined;
  let sent = 0;
  return {
    paced: true,
    start: () => void (began ??= nowMs()),
    get done() {
      return sent === total;
    },
    get sentBytes() {
      return sent;
    },
    next: () => {
      if (began === undefined || sent === total) return new Uint8Array(0);
      // In whole groups of words: what is lost is lost word by word, as in a camera's memory.
      const due = Math.min(total, Math.floor(((nowMs() - began) * bytesPerMs) / 8) * 8) - sent;
      if (sent === (number + 1) * blockBytes) current = make((number += 1));
      const from = sent - number * blockBytes;
      const part = current.subarray(from, Math.min(blockBytes, from + Math.max(0, due)));
      sent += part.length;
      return part;
    },
  };
}
