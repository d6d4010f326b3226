import { deflateSync } from "node:zlib";
import type { SeedFile } from "../testing/seeds.ts";

const EVENTS = 250;

/** Writes elements in one byte order. */
class MatFile {
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  #word(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    if (this.#little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  }

  element(type: number, data: Uint8Array): Buffer {
    if (data.length <= 4 && data.length > 0 && type !== 14) {
      return Buffer.concat([this.#word((data.length << 16) | type), data, Buffer.alloc(4 - data.length)]);
    }
    const padding = Buffer.alloc(type === 15 ? 0 : (8 - (data.length % 8)) % 8);
    return Buffer.concat([this.#word(type), this.#word(data.length), data, padding]);
  }

  #start(kind: number, shape: readonly number[], name: string): Buffer {
    return Buffer.concat([
      this.element(6, Buffer.concat([this.#word(kind), this.#word(0)])),
      this.element(5, Buffer.concat(shape.map((size) => this.#word(size)))),
      this.element(1, Buffer.from(name)),
    ]);
  }

  /** A matrix of doubles that is stored as float64 (type 9) or as uint16 (type 4). */
  matrix(name: string, columns: readonly (readonly number[])[], type: 4 | 9 = 9): Buffer {
    const numbers = columns.flat();
    const bytes = type === 9 ? 8 : 2;
    const data = Buffer.alloc(bytes * numbers.length);
    const view = new DataView(data.buffer, data.byteOffset);
    numbers.forEach((value, i) => {
      if (type === 9) view.setFloat64(8 * i, value, this.#little);
      else view.setUint16(2 * i, value, this.#little);
    });
    return this.element(
      14,
      Buffer.concat([this.#start(6, [columns[0]!.length, columns.length], name), this.element(type, data)]),
    );
  }

  struct(name: string, fields: Readonly<Record<string, Buffer>>): Buffer {
    const names = Buffer.concat(Object.keys(fields).map((field) => Buffer.from(field.padEnd(8, "\0"))));
    const head = [this.#start(2, [1, 1], name), this.element(5, this.#word(8)), this.element(1, names)];
    return this.element(14, Buffer.concat([...head, ...Object.values(fields)]));
  }

  file(...elements: readonly Buffer[]): Uint8Array {
    const head = Buffer.alloc(128, " ");
    head.write("MATLAB 5.0 MAT-file, Platform: test");
    head.set(this.#little ? [0, 1, 0x49, 0x4d] : [1, 0, 0x4d, 0x49], 124);
    return Buffer.concat([head, ...elements]);
  }
}

const column = (number: (i: number) => number): number[] => Array.from({ length: EVENTS }, (_, i) => number(i));
const t = column((i) => 1000 + 37 * i);
const x = column((i) => (7 * i) % 34);
const y = column((i) => (5 * i) % 34);
const p = column((i) => i % 2);

/** A file of each layout: compressed columns, a structure that counts from 1, a matrix, and big-endian columns. */
export const seeds = (): Promise<readonly SeedFile[]> => {
  const little = new MatFile(true);
  const big = new MatFile(false);
  const packed = (element: Buffer): Buffer => little.element(15, deflateSync(element));
  const files = {
    "columns.mat": little.file(
      packed(little.matrix("ts", [t])),
      packed(little.matrix("x", [x], 4)),
      packed(little.matrix("y", [y], 4)),
      packed(little.matrix("pol", [p], 4)),
    ),
    "structure.mat": little.file(
      little.struct("TD", {
        x: little.matrix("", [x.map((value) => value + 1)], 4),
        y: little.matrix("", [y.map((value) => value + 1)], 4),
        p: little.matrix("", [p.map((value) => value + 1)]),
        ts: little.matrix("", [t]),
      }),
    ),
    "matrix.mat": little.file(little.matrix("events", [x, y, p.map((value) => 2 * value - 1), t])),
    "big.mat": big.file(big.matrix("t", [t]), big.matrix("x", [x], 4), big.matrix("y", [y], 4), big.matrix("p", [p])),
  };
  return Promise.resolve(Object.entries(files).map(([name, bytes]) => ({ codec: "mat", name, bytes })));
};

/** A file with numbers that are no events of a camera. */
export const spikeTrain = (): Uint8Array => {
  const file = new MatFile(true);
  return file.file(file.matrix("spiketrain", [t.slice(0, 3), x.slice(0, 3)]));
};
