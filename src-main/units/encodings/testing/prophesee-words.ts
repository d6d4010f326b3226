import type { Trigger } from "#shared/events/beside.ts";
import type { EventRow } from "./events.ts";

/** What a stream of words is made from: events, and edges of an external signal, both in the order of their times. */
export interface Happenings {
  readonly rows: readonly EventRow[];
  readonly triggers?: readonly Trigger[];
}

const bytesOf = (words: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);

/** Calls back for every time word, row of up to 32 pixels and trigger, in order. */
function walk(
  { rows, triggers = [] }: Happenings,
  on: {
    readonly high: (steps: number) => void;
    readonly row: (low: number, x: number, y: number, p: number, mask: number) => void;
    readonly trigger: (low: number, info: number) => void;
  },
): void {
  let high = -1;
  const at = (t: number): number => {
    const steps = Math.floor(t / 64);
    if (steps !== high) on.high(steps % 2 ** 28);
    high = steps;
    return t - 64 * steps;
  };
  let due = 0;
  for (let i = 0; i <= rows.length;) {
    const row = rows[i];
    const edge = triggers[due];
    if (edge !== undefined && (row === undefined || edge.t < row[0])) {
      const low = at(edge.t); // before the word that needs it
      on.trigger(low, (edge.channel << 8) | edge.value);
      due += 1;
      continue;
    }
    if (row === undefined) break;
    const [t, x, y, p] = row;
    const base = x - (x % 32);
    let mask = 0;
    let last = -1;
    for (let next: EventRow | undefined = row; next !== undefined; next = rows[++i]) {
      if (next[0] !== t || next[2] !== y || next[3] !== p || next[1] - base >= 32 || next[1] <= last || next[1] < base) break;
      last = next[1];
      mask |= 1 << (last - base);
    }
    const low = at(t);
    on.row(low, base, y, p, mask >>> 0);
  }
}

const head = (type: number, low: number, x: number, y: number): number => type * 2 ** 28 + (low << 22) + (x << 11) + y;

/** EVT 2.1 words, made without any code of the product, in either order of their halves. */
export function evt21Bytes(happenings: Happenings, order: "little" | "legacy"): Uint8Array {
  const words: number[] = [];
  const put = (high: number, low: number): void => void words.push(...(order === "little" ? [low, high] : [high, low]));
  walk(happenings, {
    high: (steps) => put(8 * 2 ** 28 + steps, 0),
    row: (low, x, y, p, mask) => put(head(p, low, x, y), mask),
    trigger: (low, info) => put(10 * 2 ** 28 + (low << 22) + info, 0),
  });
  return bytesOf(words);
}

/** EVT 4.0 words, made without any code of the product: single events where a mask has one bit. */
export function evt4Bytes(happenings: Happenings): Uint8Array {
  const words: number[] = [];
  walk(happenings, {
    high: (steps) => void words.push(14 * 2 ** 28 + steps),
    row: (low, x, y, p, mask) => {
      if ((mask & (mask - 1)) === 0) words.push(head(10 + p, low, x + 31 - Math.clz32(mask), y));
      else words.push(head(12 + p, low, x, y), mask);
    },
    trigger: (low, info) => void words.push(9 * 2 ** 28 + (low << 22) + info),
  });
  return bytesOf(words);
}
