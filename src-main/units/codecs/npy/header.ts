import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { bytesOf, isNumberKind, type NumberKind } from "../tables/numbers.ts";
import { isDict, isList, parsePythonLiteral, type PythonValue } from "./python-literal.ts";

/** A longer header is none (bytes). */
const MAX_HEADER = 1 << 20;

/** One named number inside a record; the name is empty in arrays without names. */
export interface Field {
  readonly name: string;
  readonly kind: NumberKind;
  readonly littleEndian: boolean;
  readonly offset: number;
}

/** What the header of an array says. */
export interface NpyHeader {
  /** Bytes of the header: the numbers begin here. */
  readonly length: number;
  readonly shape: readonly number[];
  readonly fortran: boolean;
  /** The numbers of one element, and its bytes. */
  readonly fields: readonly Field[];
  readonly itemBytes: number;
}

/** Whether a file begins as an array of NumPy. */
export const isNpy = (head: Uint8Array): boolean =>
  head.length >= 8 && head[0] === 0x93 && [..."NUMPY"].every((letter, i) => head[i + 1] === letter.charCodeAt(0));

/**
 * Reads the header of an array.
 * @throws AppError `damaged` when it cannot be understood, `unsupported` for pickled objects and types that are no numbers.
 */
export async function readNpyHeader(file: Pick<ByteSource, "read" | "size" | "name">): Promise<NpyHeader> {
  const damaged = (why: string): AppError =>
    new AppError("damaged", `${file.name} has a NumPy header that cannot be read: ${why}`, { hint: "Fetch or save it again." });
  const start = await file.read(0, 12, new Uint8Array(12));
  const [major = 0] = start.subarray(6);
  if (!isNpy(start) || start.length < 12) throw damaged("it is cut short");
  if (major < 1 || major > 3) throw damaged(`version ${major} is not known`);
  const view = new DataView(start.buffer);
  const prefix = major === 1 ? 10 : 12;
  const length = prefix + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (length > file.size) throw damaged(`it has ${length} bytes and the file ${file.size}`);
  if (length > MAX_HEADER) throw damaged(`${length} bytes are too many`);
  const bytes = await file.read(prefix, length - prefix, new Uint8Array(length - prefix));
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes);
  let header: PythonValue;
  try {
    header = parsePythonLiteral(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(error.message);
    throw error;
  }
  if (!isDict(header)) throw damaged("it is no dictionary");
  const shape = header.get("shape");
  const dimensions = typeof shape === "number" ? [shape] : shape;
  if (!isList(dimensions) || !dimensions.every((size) => typeof size === "number" && Number.isSafeInteger(size) && size >= 0)) {
    throw damaged("it gives no shape");
  }
  const type = elementType(header.get("descr"), file.name, damaged);
  return { length, shape: dimensions as readonly number[], fortran: header.get("fortran_order") === true, ...type };
}

type ElementType = Pick<NpyHeader, "fields" | "itemBytes">;

/** Bytes of a type that is no number, to step over it (`|V3` is padding, `|S4` text); `undefined` when it has no fixed size. */
function skippedBytes(descr: string): number | undefined {
  const match = /^[<>|=]?([VSUabBcfiu?mM])(\d*)$/.exec(descr.replace(/\[.*\]$/, ""));
  if (match === null) return undefined;
  const size = match[1] === "?" ? 1 : Number(match[2] || NaN);
  return Number.isSafeInteger(size) ? (match[1] === "U" ? 4 * size : size) : undefined;
}

/** A type of one number. Times of NumPy (`M8[us]`) are 64-bit numbers; their unit is in the name of the type and left to the reader. */
function numberType(descr: string): { readonly kind: NumberKind; readonly littleEndian: boolean } | undefined {
  const match = /^([<>|=]?)([iufb?mM])(\d*)(?:\[\w+\])?$/.exec(descr);
  if (match === null) return undefined;
  const [, order = "", letter = "", size = ""] = match;
  const kind =
    letter === "?" || (letter === "b" && size === "1")
      ? "u1"
      : letter === "m" || letter === "M"
        ? `i${size}`
        : `${letter}${size}`;
  return isNumberKind(kind) ? { kind, littleEndian: order !== ">" } : undefined;
}

function elementType(descr: PythonValue | undefined, name: string, damaged: (why: string) => AppError): ElementType {
  if (typeof descr === "string") {
    if (descr.includes("O")) throw pickled(name);
    const type = numberType(descr);
    if (type === undefined) {
      throw new AppError("unsupported", `${name} holds values of type ${descr}, which are no events`, {
        hint: "Expected columns t, x, y, p, or a table of numbers with four columns.",
      });
    }
    return { fields: [{ name: "", ...type, offset: 0 }], itemBytes: bytesOf(type.kind) };
  }
  if (isDict(descr)) return dictType(descr, name, damaged);
  if (!isList(descr)) throw damaged("it gives no type");
  const fields: Field[] = [];
  let offset = 0;
  for (const part of descr) {
    if (!isList(part) || typeof part[0] !== "string" || typeof part[1] !== "string") throw damaged("a field has no name or type");
    offset += addField(fields, part[0], part[1], offset, name, damaged) * timesOf(part[2]);
  }
  return { fields, itemBytes: offset };
}

/** How many numbers a field with a shape of its own has. */
const timesOf = (shape: PythonValue | undefined): number => {
  const sizes = isList(shape) ? shape : shape === undefined ? [] : [shape];
  return sizes.reduce<number>((product, size) => product * (typeof size === "number" ? size : NaN), 1);
};

/** The other way to write a structure: names, formats, offsets, itemsize. */
function dictType(descr: ReadonlyMap<string, PythonValue>, name: string, damaged: (why: string) => AppError): ElementType {
  const [names, formats, offsets] = [descr.get("names"), descr.get("formats"), descr.get("offsets")];
  const itemBytes = descr.get("itemsize");
  if (!isList(names) || !isList(formats) || !isList(offsets) || typeof itemBytes !== "number")
    throw damaged("its type is incomplete");
  const fields: Field[] = [];
  names.forEach((field, i) => {
    const [format, offset] = [formats[i], offsets[i]];
    if (typeof field !== "string" || typeof format !== "string" || typeof offset !== "number")
      throw damaged("a field is incomplete");
    const bytes = addField(fields, field, format, offset, name, damaged);
    if (offset < 0 || offset + bytes > itemBytes) throw damaged(`the field ${field} lies outside its record`);
  });
  return { fields, itemBytes };
}

/** Adds a field when it is a number; answers its bytes. */
function addField(
  fields: Field[],
  name: string,
  descr: string,
  offset: number,
  file: string,
  damaged: (why: string) => AppError,
): number {
  if (descr.includes("O")) throw pickled(file);
  const type = numberType(descr);
  if (type !== undefined && name !== "") fields.push({ name, ...type, offset });
  const bytes = type === undefined ? skippedBytes(descr) : bytesOf(type.kind);
  if (bytes === undefined) throw damaged(`the type ${descr} is not known`);
  return bytes;
}

const pickled = (name: string): AppError =>
  new AppError("unsupported", `${name} holds pickled Python objects, which are programs and are not run`, {
    hint: "Save the events as numbers: a structured array, or columns t, x, y, p.",
  });
