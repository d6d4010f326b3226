import { MAX_CHUNK_EVENTS } from "./ecf-decode.ts";

/** Bytes of one event at most: sixteen nibbles of a jump and its run, a row with a long run, a column, a long run of polarity. */
const MAX_EVENT_BYTES = 17 + 2 + 4 + 2 + 3;
const HEAD_BYTES = 12;
/** Packings by the two flags of a chunk. */
const LISTS = 0;
const COLUMNS_WITH_POLARITY = 1;
const TOGETHER = 2;

/** Shares of neighbours in the first quarter up to which lists do not pay, as the vendor's encoder has it. */
const SAME_ROW_SHARE = 0.2;
const MASK_SHARE = 0.08;

/** Encodes chunks of the ECF filter. What it gives is lent until the next call. */
export class EcfEncoder {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(maxEvents: number) {
    if (maxEvents > MAX_CHUNK_EVENTS) throw new RangeError(`an ECF chunk holds at most ${MAX_CHUNK_EVENTS} events`);
    this.#bytes = new Uint8Array(HEAD_BYTES + MAX_EVENT_BYTES * maxEvents + 16);
  }

  /**
   * One chunk. `times` (µs) must not fall, coordinates have to lie below 2048.
   * @param xyp packed second words of the events.
   * @param packing one of the three ways; by default the one that the content suggests.
   */
  encode(times: Float64Array, xyp: Uint32Array, count: number, packing = packingFor(xyp, count)): Uint8Array {
    const first = count > 0 ? times[0]! : 0;
    this.#at = 0;
    this.#u32(((count << 2) | packing) >>> 0);
    this.#u32(first % 0x1_0000_0000);
    this.#u32(Math.floor(first / 0x1_0000_0000));
    this.#times(times, count);
    if (packing === TOGETHER) this.#together(xyp, count);
    else {
      this.#runs(xyp, count, 14, 0x3fff, 31);
      if (packing === COLUMNS_WITH_POLARITY) this.#columnsWithPolarity(xyp, count);
      else {
        this.#columns(xyp, count);
        this.#runs(xyp, count, 28, 1, 127);
      }
    }
    return this.#bytes.subarray(0, this.#at);
  }

  #u16(value: number): void {
    this.#bytes[this.#at++] = value & 255;
    this.#bytes[this.#at++] = value >>> 8;
  }

  #u32(value: number): void {
    this.#u16(value % 0x1_0000);
    this.#u16(Math.floor(value / 0x1_0000));
  }

  #times(times: Float64Array, count: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let before = count > 0 ? times[0]! : 0;
    for (let i = 0; i < count;) {
      const t = times[i]!;
      let end = i + 1;
      while (end < count && times[end]! === t) end += 1;
      let step = t - before;
      if (step >= 15) {
        for (; step > 0; step = Math.floor(step / 16)) bytes[at++] = 0xf0 | (step % 16);
        step = 0;
      }
      const run = end - i;
      bytes[at++] = (step << 4) | Math.min(run, 15);
      if (run >= 15) {
        bytes[at++] = run & 255;
        bytes[at++] = run >>> 8;
      }
      before = t;
      i = end;
    }
    this.#at = at;
  }

  /** Runs of equal rows (16 bits each) or polarities (8 bits each). */
  #runs(xyp: Uint32Array, count: number, shift: number, mask: number, long: number): void {
    for (let i = 0; i < count;) {
      const value = (xyp[i]! >>> shift) & mask;
      let end = i + 1;
      while (end < count && ((xyp[end]! >>> shift) & mask) === value) end += 1;
      const run = end - i;
      const head = value * (long + 1) + Math.min(run, long);
      if (long === 31) this.#u16(head);
      else this.#bytes[this.#at++] = head;
      if (run >= long) this.#u16(run);
      i = end;
    }
  }

  #columns(xyp: Uint32Array, count: number): void {
    for (let i = 0; i < count;) {
      const base = xyp[i]! & 0x3fff;
      let mask = 0;
      let last = base;
      for (i += 1; i < count; i += 1) {
        const x = xyp[i]! & 0x3fff;
        if (x <= last || x > base + 5) break;
        mask |= 1 << (5 - (x - base));
        last = x;
      }
      this.#u16((base << 5) | mask);
    }
  }

  #columnsWithPolarity(xyp: Uint32Array, count: number): void {
    const value = (i: number): number => (i < count ? ((xyp[i]! & 0x7ff) << 1) | (xyp[i]! >>> 28) : 0);
    for (let i = 0; i < count; i += 4) {
      const [v0, v1, v2, v3] = [value(i), value(i + 1), value(i + 2), value(i + 3)];
      this.#u16((v0 << 4) | (v1 & 15));
      this.#u16(((v1 >>> 4) << 8) | (v2 & 255));
      this.#u16(((v2 >>> 8) << 12) | v3);
    }
  }

  #together(xyp: Uint32Array, count: number): void {
    const value = (i: number): number => {
      const word = i < count ? xyp[i]! : 0;
      return (((word >>> 14) & 0x7ff) << 12) | ((word & 0x7ff) << 1) | (word >>> 28);
    };
    for (let i = 0; i < count; i += 4) {
      const [v0, v1, v2, v3] = [value(i), value(i + 1), value(i + 2), value(i + 3)];
      this.#u32(((v0 << 8) | (v1 & 255)) >>> 0);
      this.#u32((((v1 >>> 8) << 16) | (v2 & 0xffff)) >>> 0);
      this.#u32((((v2 >>> 16) << 24) | v3) >>> 0);
    }
  }
}

/** Which packing the first quarter of the events suggests. */
function packingFor(xyp: Uint32Array, count: number): number {
  const quarter = count >>> 2;
  let sameRow = 0;
  let near = 0;
  for (let i = 1; i < quarter; i += 1) {
    const [a, b] = [xyp[i - 1]!, xyp[i]!];
    if (((a ^ b) & 0xfff_c000) === 0) sameRow += 1;
    const step = (b & 0x3fff) - (a & 0x3fff);
    if (step >= 1 && step <= 5) near += 1;
  }
  if (sameRow <= SAME_ROW_SHARE * quarter) return TOGETHER;
  return near <= MASK_SHARE * quarter ? COLUMNS_WITH_POLARITY : LISTS;
}
