import { AppError } from "../api/errors.ts";

/**
 * One message as bytes, for sockets and pipes:
 *   u32 LE length of the head, the head as JSON (UTF-8), zeros up to a multiple of eight, then the bytes of
 *   the typed arrays, each aligned to eight. In the head a typed array is `{"$a":[kind, offset, length]}`
 *   with the offset counted from the end of the padded head; numbers JSON cannot say are `{"$n":"NaN"}`,
 *   `undefined` in a list is `{"$u":1}`, and an object with a key that starts with `$` is wrapped in `{"$o":…}`.
 */
const ARRAY_TYPES = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type ArrayKind = keyof typeof ARRAY_TYPES;
type AnyArray = InstanceType<(typeof ARRAY_TYPES)[ArrayKind]>;

const ALIGN = 8;
const padded = (length: number): number => Math.ceil(length / ALIGN) * ALIGN;
/** Longest message a carrier accepts: nothing the application sends comes near it. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

const broken = (why: string): AppError =>
  new AppError("damaged", `A message could not be read: ${why}`, { hint: "Both sides must run the same version." });

/** Subclasses (Node's Buffer) cross as what they are made of. */
function kindOf(value: ArrayBufferView): ArrayKind | undefined {
  const name = value.constructor.name;
  if (Object.hasOwn(ARRAY_TYPES, name)) return name as ArrayKind;
  return value instanceof Uint8Array ? "Uint8Array" : undefined;
}

/** Plain data with typed arrays in it, as one block of bytes. */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { at: number; bytes: Uint8Array }[] = [];
  let offset = 0;
  const plain = (value: unknown): unknown => {
    switch (typeof value) {
      case "number":
        return Number.isFinite(value) ? value : { $n: String(value) };
      case "undefined":
        return { $u: 1 };
      case "string":
      case "boolean":
        return value;
      case "object":
        break;
      default:
        throw new AppError("bad-argument", `A ${typeof value} cannot cross a process boundary`);
    }
    if (value === null) return null;
    if (ArrayBuffer.isView(value)) {
      const kind = kindOf(value);
      if (kind === undefined) throw new AppError("bad-argument", `A ${value.constructor.name} cannot cross a process boundary`);
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      const reference = { $a: [kind, offset, (value as AnyArray).length] };
      arrays.push({ at: offset, bytes });
      offset += padded(bytes.length);
      return reference;
    }
    if (Array.isArray(value)) return value.map(plain);
    const entries = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== "function");
    const object = Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
    return entries.some(([key]) => key.startsWith("$")) ? { $o: object } : object;
  };
  const head = encoder.encode(JSON.stringify(plain(message)));
  const start = padded(4 + head.length);
  const frame = new Uint8Array(start + offset);
  new DataView(frame.buffer).setUint32(0, head.length, true);
  frame.set(head, 4);
  for (const { at, bytes } of arrays) frame.set(bytes, start + at);
  return frame;
}

/**
 * The message again. Typed arrays are views on a copy of `frame` only when its memory is not aligned to eight.
 * @throws AppError `damaged` for bytes that no `encodeFrame` has made.
 */
export function decodeFrame(frame: Uint8Array): unknown {
  const bytes = frame.byteOffset % ALIGN === 0 ? frame : frame.slice();
  if (bytes.length < 4) throw broken("shorter than its head");
  const headLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = padded(4 + headLength);
  if (start > bytes.length) throw broken("head longer than the message");
  const array = (reference: unknown): AnyArray => {
    if (!Array.isArray(reference)) throw broken("bad array reference");
    const [kind, offset, length] = reference as [unknown, unknown, unknown];
    if (typeof kind !== "string" || !Object.hasOwn(ARRAY_TYPES, kind)) throw broken("unknown array type");
    const Type = ARRAY_TYPES[kind as ArrayKind];
    if (
      typeof offset !== "number" ||
      typeof length !== "number" ||
      !Number.isSafeInteger(offset) ||
      !Number.isSafeInteger(length) ||
      offset < 0 ||
      length < 0 ||
      offset % ALIGN !== 0 ||
      start + offset + length * Type.BYTES_PER_ELEMENT > bytes.length
    ) {
      throw broken("array outside the message");
    }
    return new Type(bytes.buffer as ArrayBuffer, bytes.byteOffset + start + offset, length);
  };
  const rich = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rich);
    if (typeof value !== "object" || value === null) return value;
    if ("$a" in value) return array(value.$a);
    if ("$n" in value) return Number(value.$n);
    if ("$u" in value) return undefined;
    const inner = "$o" in value && typeof value.$o === "object" && value.$o !== null ? value.$o : value;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, rich(item)]));
  };
  let head: unknown;
  try {
    head = JSON.parse(decoder.decode(bytes.subarray(4, 4 + headLength)));
  } catch (cause) {
    throw new AppError("damaged", "A message could not be read: its head is not JSON", { cause });
  }
  return rich(head);
}
