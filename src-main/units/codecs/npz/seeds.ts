import { ZipWriter, Uint8ArrayReader, Uint8ArrayWriter } from "@zip.js/zip.js";
import { npyFile } from "../npy/seeds.ts";
import type { SeedFile } from "../testing/seeds.ts";

const EVENTS = 300;
const array = (descr: string, data: Uint8Array): Uint8Array =>
  npyFile(`{'descr': '${descr}', 'fortran_order': False, 'shape': (${EVENTS},), }`, data);
const column = (number: (i: number) => number): number[] => Array.from({ length: EVENTS }, (_, i) => number(i));
const bytesOf = (numbers: ArrayBufferView<ArrayBuffer>): Uint8Array => new Uint8Array(numbers.buffer);

const members: Readonly<Record<string, Uint8Array>> = {
  "t.npy": array(
    "<i8",
    bytesOf(
      BigInt64Array.from(
        column((i) => 1000 + 37 * i),
        BigInt,
      ),
    ),
  ),
  "x.npy": array("<u2", bytesOf(Uint16Array.from(column((i) => (7 * i) % 34)))),
  "y.npy": array("<u2", bytesOf(Uint16Array.from(column((i) => (5 * i) % 34)))),
  "p.npy": array("|b1", Uint8Array.from(column((i) => i % 2))),
};
const matrix = npyFile(
  `{'descr': '<f8', 'fortran_order': False, 'shape': (${EVENTS}, 4), }`,
  bytesOf(Float64Array.from(column((i) => i).flatMap((i) => [(7 * i) % 34, (5 * i) % 34, 1000 + 37 * i, i % 2]))),
);

/** An archive of these members. */
export async function archiveOf(files: Readonly<Record<string, Uint8Array>>, level: number, zip64 = false): Promise<Uint8Array> {
  const archive = new ZipWriter(new Uint8ArrayWriter(), { level, useWebWorkers: false, zip64 });
  for (const [name, bytes] of Object.entries(files)) await archive.add(name, new Uint8ArrayReader(bytes));
  return archive.close();
}

/** Archives with columns, stored and compressed, with 64-bit sizes, and with one matrix. */
export const seeds = async (): Promise<readonly SeedFile[]> => [
  { codec: "npz", name: "stored.npz", bytes: await archiveOf(members, 0, true) },
  { codec: "npz", name: "compressed.npz", bytes: await archiveOf(members, 6) },
  { codec: "npz", name: "matrix.npz", bytes: await archiveOf({ "events.npy": matrix, "labels.npy": members["p.npy"]! }, 6) },
];
