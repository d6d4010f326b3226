import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { tf } from "#main/tensor/tf.ts";

/** Where a tensor lies in a file of float32 values (little-endian); `offset` in bytes. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** Named float32 values in host memory. */
export type Values = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Reads variables back from the device. */
export async function valuesOf(variables: Readonly<Record<string, Variable>>): Promise<Values> {
  const entries = Object.entries(variables);
  const data = await Promise.all(entries.map(([, variable]) => variable.data()));
  return new Map(
    entries.map(([name, { shape }], index) => [name, { shape: [...shape], data: Float32Array.from(data[index] ?? []) }]),
  );
}

/**
 * Puts values into variables of the same names.
 * @returns names of variables for which nothing fitting was there.
 */
export function assignValues(variables: Readonly<Record<string, Variable>>, values: Values): readonly string[] {
  const missing: string[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const found = values.get(name);
    if (found === undefined || found.shape.join() !== variable.shape.join()) {
      missing.push(name);
      continue;
    }
    tf.tidy(() => variable.assign(tf.tensor(found.data, variable.shape)));
  }
  return missing;
}

/** Values one after the other, and where each lies. */
export function pack(values: Values): { readonly bytes: Uint8Array; readonly tensors: readonly TensorEntry[] } {
  const tensors: TensorEntry[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of values) {
    tensors.push({ name, shape, offset });
    offset += data.byteLength;
  }
  const bytes = new Uint8Array(offset);
  for (const { name, offset: at } of tensors) {
    const data = values.get(name)?.data;
    if (data !== undefined) bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  }
  return { bytes, tensors };
}

/** The reverse of `pack`. @throws AppError `damaged` when the bytes end too early. */
export function unpack(bytes: Uint8Array, tensors: readonly TensorEntry[], name: string): Values {
  return new Map(
    tensors.map((entry) => {
      const length = 4 * entry.shape.reduce((product, side) => product * side, 1);
      if (entry.offset + length > bytes.length) {
        throw new AppError("damaged", `${name} ends before "${entry.name}"`, { hint: "Copy the folder again, or train anew." });
      }
      const data = new Float32Array(length / 4);
      new Uint8Array(data.buffer).set(bytes.subarray(entry.offset, entry.offset + length));
      return [entry.name, { shape: entry.shape, data }];
    }),
  );
}

const MAGIC = "SACCADE1";

/** A file of tensors with plain data in front, complete or not there at all. */
export async function writeTensorFile(path: string, meta: object, values: Values): Promise<void> {
  const { bytes, tensors } = pack(values);
  const head = Buffer.from(JSON.stringify({ meta, tensors }), "utf8");
  const file = Buffer.alloc(16 + head.length + bytes.length);
  file.write(MAGIC, "latin1");
  file.writeUInt32LE(head.length, 8);
  file.set(head, 16);
  file.set(bytes, 16 + head.length);
  file.writeUInt32LE(crc32(file.subarray(16)), 12);
  await writeAtomic(path, file);
}

/** @throws AppError `not-found`, `damaged`. */
export async function readTensorFile(path: string): Promise<{ readonly meta: unknown; readonly values: Values }> {
  const file = await readFile(path).catch((error: unknown) => {
    throw fileError(error, path, "read");
  });
  const damaged = (why: string): AppError =>
    new AppError("damaged", `${path} is damaged: ${why}`, {
      hint: "Delete it; the run goes on from an earlier state or begins anew.",
    });
  if (file.length < 16 || file.toString("latin1", 0, 8) !== MAGIC) throw damaged("it does not begin like a checkpoint");
  if (crc32(file.subarray(16)) !== file.readUInt32LE(12)) throw damaged("its checksum does not match");
  const length = file.readUInt32LE(8);
  const { meta, tensors } = JSON.parse(file.toString("utf8", 16, 16 + length)) as {
    readonly meta: unknown;
    readonly tensors: readonly TensorEntry[];
  };
  return { meta, values: unpack(file.subarray(16 + length), tensors, path) };
}
