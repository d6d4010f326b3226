import type { TimeUnit } from "./names.ts";

/** How a number is stored: signed, unsigned or floating, and its bytes. Booleans are `u1`. */
export type NumberKind = "i1" | "u1" | "i2" | "u2" | "i4" | "u4" | "i8" | "u8" | "f4" | "f8";

/** Whether a kind is one of those that can be read. */
export const isNumberKind = (kind: string): kind is NumberKind => /^(?:[iu][1248]|f[48])$/.test(kind);

/** Where one column's numbers lie in a run of bytes. */
export interface Slab {
  readonly bytes: Uint8Array;
  /** Byte of the first number, and bytes from one to the next. */
  readonly offset: number;
  readonly stride: number;
  readonly kind: NumberKind;
  readonly littleEndian: boolean;
}

/** Bytes of one number. */
export const bytesOf = (kind: NumberKind): number => Number(kind[1]);

const viewOf = ({ bytes }: Slab): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The first `count` numbers as doubles, each minus `less`. 64-bit numbers beyond 2^53 lose their last digits. */
export function readNumbers(slab: Slab, count: number, out: Float64Array, less = 0): void {
  const { offset, stride, kind, littleEndian: little } = slab;
  const view = viewOf(slab);
  const end = offset + count * stride;
  let i = 0;
  if (kind === "u1") for (let at = offset; at < end; at += stride) out[i++] = view.getUint8(at) - less;
  else if (kind === "i1") for (let at = offset; at < end; at += stride) out[i++] = view.getInt8(at) - less;
  else if (kind === "u2") for (let at = offset; at < end; at += stride) out[i++] = view.getUint16(at, little) - less;
  else if (kind === "i2") for (let at = offset; at < end; at += stride) out[i++] = view.getInt16(at, little) - less;
  else if (kind === "u4") for (let at = offset; at < end; at += stride) out[i++] = view.getUint32(at, little) - less;
  else if (kind === "i4") for (let at = offset; at < end; at += stride) out[i++] = view.getInt32(at, little) - less;
  else if (kind === "f4") for (let at = offset; at < end; at += stride) out[i++] = view.getFloat32(at, little) - less;
  else if (kind === "f8") for (let at = offset; at < end; at += stride) out[i++] = view.getFloat64(at, little) - less;
  else {
    const [low, high] = little ? [0, 4] : [4, 0];
    for (let at = offset; at < end; at += stride) {
      const top = kind === "i8" ? view.getInt32(at + high, little) : view.getUint32(at + high, little);
      out[i++] = top * 0x1_0000_0000 + view.getUint32(at + low, little) - less;
    }
  }
}

const US: Readonly<Record<TimeUnit, number>> = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 };

/** The first `count` numbers as times in whole µs, rounded to the nearest. Nanoseconds in 64 bits stay exact. */
export function readTimes(slab: Slab, count: number, unit: TimeUnit, out: Float64Array): void {
  const { kind } = slab;
  if (unit === "ns" && (kind === "i8" || kind === "u8")) {
    readNanoseconds(slab, count, out);
    return;
  }
  readNumbers(slab, count, out);
  const factor = US[unit];
  if (factor === 1 && kind[0] !== "f") return;
  if (unit === "ns") for (let i = 0; i < count; i += 1) out[i] = Math.round(out[i]! / 1000);
  else for (let i = 0; i < count; i += 1) out[i] = Math.round(out[i]! * factor);
}

/** 64-bit nanoseconds by long division, since a double cannot hold them. */
function readNanoseconds(slab: Slab, count: number, out: Float64Array): void {
  const { offset, stride, kind, littleEndian: little } = slab;
  const view = viewOf(slab);
  const [low, high] = little ? [0, 4] : [4, 0];
  let at = offset;
  for (let i = 0; i < count; i += 1, at += stride) {
    const top = kind === "i8" ? view.getInt32(at + high, little) : view.getUint32(at + high, little);
    const whole = Math.floor(top / 1000);
    const rest = (top - 1000 * whole) * 0x1_0000_0000 + view.getUint32(at + low, little);
    out[i] = whole * 0x1_0000_0000 + Math.floor((rest + 500) / 1000);
  }
}
