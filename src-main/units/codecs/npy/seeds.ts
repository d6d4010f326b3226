import type { SeedFile } from "../testing/seeds.ts";
import { isNumberKind, type NumberKind } from "../tables/numbers.ts";

const EVENTS = 300;

/** A number of a generated event, by the role of its column. */
const numbers: Readonly<Record<string, (i: number) => number>> = {
  t: (i) => 1000 + 37 * i,
  x: (i) => (7 * i) % 34,
  y: (i) => (5 * i) % 34,
  p: (i) => i % 2,
};

/** Puts a number in its type at a place. */
export function put(view: DataView, at: number, kind: NumberKind, value: number, little = true): void {
  if (kind === "u1" || kind === "i1") view.setInt8(at, value);
  else if (kind === "u2" || kind === "i2") view.setInt16(at, value, little);
  else if (kind === "u4" || kind === "i4") view.setUint32(at, value, little);
  else if (kind === "f4") view.setFloat32(at, value, little);
  else if (kind === "f8") view.setFloat64(at, value, little);
  else view.setBigInt64(at, BigInt(value), little);
}

/** An array file with this header text in front of the data. */
export function npyFile(header: string, data: Uint8Array, major = 1): Uint8Array {
  const prefix = major === 1 ? 10 : 12;
  const text = Buffer.from(`${header}\n`, "latin1");
  const start = Buffer.alloc(prefix);
  start.set([0x93, ...Buffer.from("NUMPY"), major, 0]);
  if (major === 1) start.writeUInt16LE(text.length, 8);
  else start.writeUInt32LE(text.length, 8);
  return Buffer.concat([start, text, data]);
}

const kindOf = (descr: string): NumberKind => {
  const kind = descr.replace(/^[<>|]/, "").replace("b1", "u1");
  if (!isNumberKind(kind)) throw new Error(`no kind: ${descr}`);
  return kind;
};

/** Records of fields one after the other; `V` fields are padding. */
function records(fields: readonly (readonly [name: string, descr: string])[], major = 1): Uint8Array {
  const size = (descr: string): number => Number(/\d+$/.exec(descr)?.[0]);
  const item = fields.reduce((sum, [, descr]) => sum + size(descr), 0);
  const data = new Uint8Array(EVENTS * item);
  const view = new DataView(data.buffer);
  for (let i = 0, at = 0; i < EVENTS; i += 1)
    for (const [name, descr] of fields) {
      if (!descr.includes("V")) put(view, at, kindOf(descr), numbers[name[0]!]!(i), !descr.startsWith(">"));
      at += size(descr);
    }
  const list = fields.map(([name, descr]) => `('${name}', '${descr}')`).join(", ");
  return npyFile(`{'descr': [${list}], 'fortran_order': False, 'shape': (${EVENTS},), }`, data, major);
}

/** A matrix of one type with a column for each letter. */
function matrix(descr: string, order: string, fortran: boolean): Uint8Array {
  const kind = kindOf(descr);
  const bytes = Number(kind[1]);
  const data = new Uint8Array(EVENTS * order.length * bytes);
  const view = new DataView(data.buffer);
  [...order].forEach((letter, column) => {
    for (let i = 0; i < EVENTS; i += 1) {
      const at = fortran ? column * EVENTS + i : i * order.length + column;
      put(view, at * bytes, kind, numbers[letter]!(i), !descr.startsWith(">"));
    }
  });
  const shape = `(${EVENTS}, ${order.length})`;
  return npyFile(`{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }`, data);
}

/** Structured arrays packed, padded and big-endian, and matrices in both orders. */
export const seeds = (): Promise<readonly SeedFile[]> =>
  Promise.resolve(
    Object.entries({
      "packed.npy": records([
        ["x", "<i2"],
        ["y", "<i2"],
        ["t", "<i8"],
        ["p", "|b1"],
      ]),
      "padded.npy": records(
        [
          ["t", "<u4"],
          ["x", "|u1"],
          ["y", "|u1"],
          ["p", "|i1"],
          ["", "|V5"],
        ],
        2,
      ),
      "big.npy": records([
        ["timestamp_us", ">f8"],
        ["x", ">u2"],
        ["y", ">u2"],
        ["polarity", "|u1"],
      ]),
      "rows.npy": matrix("<f8", "txyp", false),
      "columns.npy": matrix("<i4", "xypt", true),
    }).map(([name, bytes]) => ({ codec: "npy", name, bytes })),
  );
