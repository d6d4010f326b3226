import type { EventRow } from "./events.ts";

const bytesOf = (words: readonly number[], wordBytes: 2 | 4): Uint8Array =>
  new Uint8Array((wordBytes === 2 ? Uint16Array.from(words) : Uint32Array.from(words)).buffer);

/** 16-bit words as bytes. */
export const words16 = (...words: readonly number[]): Uint8Array => bytesOf(words, 2);
/** 32-bit words as bytes. */
export const words32 = (...words: readonly number[]): Uint8Array => bytesOf(words, 4);

/** Time words of the boards with an FX3: turns of 2^15 µs, told by their count, and the time since. */
function fx3Clock(put: (word: number) => void): (t: number) => void {
  let base = 0;
  let last = -1;
  put(0x0001); // the clock begins
  return (t) => {
    for (let turns = Math.floor((t - base) / 0x8000); turns > 0;) {
      const part = Math.min(turns, 0xfff);
      put(0x7000 | part);
      base += part * 0x8000;
      turns -= part;
      last = -1;
    }
    if (t !== last) put(0x8000 | (t - base));
    last = t;
  };
}

/** What a camera sends for the next events of a stream. */
export type WordWriter = (rows: readonly EventRow[]) => Uint8Array;

/** A DAVIS that sends events part by part, whose times must not fall; made without any code of the product. */
export function davisWriter(): WordWriter {
  let words: number[] = [];
  const at = fx3Clock((word) => words.push(word));
  let row = -1;
  return (rows) => {
    for (const [t, x, y, p] of rows) {
      at(t);
      if (y !== row) words.push(0x1000 | y);
      row = y;
      words.push((p === 1 ? 0x3000 : 0x2000) | x);
    }
    const bytes = bytesOf(words, 2);
    words = [];
    return bytes;
  };
}

/** What a DAVIS sends for these events. */
export const davisBytes: WordWriter = (rows) => davisWriter()(rows);

/** A DVXplorer that sends events part by part: one by one, each as a column, a pair of groups and a mask of one bit. */
export function dvxplorerWriter(): WordWriter {
  let words: number[] = [];
  const at = fx3Clock((word) => words.push(word));
  return (rows) => {
    for (const [i, [t, x, y, p]] of rows.entries()) {
      at(t);
      const group = y >> 3;
      words.push(0x1000 | x | (i % 7 === 0 ? 0x800 : 0));
      // Odd ones come as the second group of a pair, above or below the first.
      const other = i % 2 === 0 ? group : i % 4 === 1 ? Math.max(0, group - 31) : Math.min(63, group + 31);
      const distance = Math.abs(group - other);
      words.push(0x4000 | other | (distance << 6) | (group < other ? 0x800 : 0));
      words.push((i % 2 === 0 ? 0x3000 : 0x2000) | (p === 1 ? 0 : 0x100) | (1 << (y & 7)));
    }
    const bytes = bytesOf(words, 2);
    words = [];
    return bytes;
  };
}

/** What a DVXplorer sends for these events. */
export const dvxplorerBytes: WordWriter = (rows) => dvxplorerWriter()(rows);

/** What a DVXplorer Mini sends for events of rising times: each is a readout of its own. */
export function miniBytes(rows: readonly EventRow[]): Uint8Array {
  const words: number[] = [];
  let reference = -1;
  for (const [i, [t, x, y, p]] of rows.entries()) {
    const ms = Math.floor(t / 1000);
    if (ms !== reference) words.push(0x0800_0000 | (ms % 2 ** 22));
    reference = ms;
    words.push(0x0420_0000 | ((t % 1000) << 11) | x);
    const group = y >> 3;
    const second = i % 2 === 1;
    const first = second ? Math.max(0, group - 31) : group;
    const off = p === 1 ? 0 : 1;
    const mask = 1 << ((y & 7) + (second ? 8 : 0));
    words.push((0x8000_0000 | ((group - first) << 26) | (first << 18) | (off << (second ? 17 : 16)) | mask) >>> 0);
  }
  return bytesOf(words, 4);
}

/** A DVS128 that sends events part by part. */
export function dvs128Writer(): WordWriter {
  let base = 0;
  return (rows) => {
    const words: number[] = [];
    for (const [t, x, y, p] of rows) {
      for (; t - base >= 0x4000; base += 0x4000) words.push(0x8000_0000);
      words.push((((t - base) << 16) | ((127 - y) << 8) | ((127 - x) << 1) | (p === 1 ? 0 : 1)) >>> 0);
    }
    return bytesOf(words, 4);
  };
}

/** What a DVS128 sends for these events. */
export const dvs128Bytes: WordWriter = (rows) => dvs128Writer()(rows);

/** Rows whose times all differ, by at least a µs and now and then by a lot. */
export function risingRows(
  random: () => number,
  count: number,
  { width, height }: { width: number; height: number },
): EventRow[] {
  let t = Math.floor(random() * 1000);
  return Array.from({ length: count }, (): EventRow => {
    t += 1 + Math.floor(random() < 0.01 ? random() * 3_000_000 : random() * 40);
    return [t, Math.floor(random() * width), Math.floor(random() * height), random() < 0.5 ? 0 : 1];
  });
}
