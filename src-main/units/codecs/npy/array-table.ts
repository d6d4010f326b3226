import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { meaningOf } from "../tables/names.ts";
import { bytesOf, type Slab } from "../tables/numbers.ts";
import type { NumberTable } from "../tables/table.ts";
import type { Field, NpyHeader } from "./header.ts";

/** More columns than this are no events. */
const MAX_COLUMNS = 32;

/** An array as a table: its records' fields, or the columns of a matrix. @throws AppError `unsupported`. */
export function arrayTable(file: ByteSource, header: NpyHeader): NumberTable {
  const { fields, shape } = header;
  if (!Number.isFinite(header.itemBytes) || header.itemBytes <= 0) throw unfit(file.name, header);
  // Labels beside recordings of Prophesee have t, x and y too, and the sides of a box.
  if (["w", "h", "class_id"].every((label) => fields.some(({ name }) => name === label))) throw unfit(file.name, header);
  if (fields.some(({ name }) => meaningOf(name) !== undefined))
    return recordTable(
      file,
      header,
      shape.reduce((a, b) => a * b, 1),
    );
  if (shape.length !== 2 || fields.length !== 1) throw unfit(file.name, header);
  const [rows = 0, columns = 0] = shape;
  if (columns < 4 && rows >= 4 && rows <= MAX_COLUMNS) return matrixTable(file, header, columns, rows, header.fortran);
  if (columns >= 4 && columns <= MAX_COLUMNS) return matrixTable(file, header, rows, columns, !header.fortran);
  if (rows >= 4 && rows <= MAX_COLUMNS) return matrixTable(file, header, columns, rows, header.fortran);
  throw unfit(file.name, header);
}

function unfit(name: string, { shape, fields }: NpyHeader): AppError {
  const what = fields.length > 1 ? `records of ${fields.map((field) => field.name).join(", ")}` : "numbers";
  return new AppError("unsupported", `${name} is an array of ${shape.join("×") || "one"} ${what}, which is no list of events`, {
    hint: "Expected fields t, x, y, p, or a matrix with a column for each.",
  });
}

/** Records one after the other, or a matrix row by row: a row is one run of bytes. */
function recordTable(file: ByteSource, header: NpyHeader, rows: number): NumberTable {
  const { fields, itemBytes, length } = header;
  return {
    rows,
    names: fields.map(({ name }) => name),
    reader: () => {
      let buffer = new Uint8Array(0);
      return {
        read: async (row, count, columns) => {
          if (buffer.length < count * itemBytes) buffer = new Uint8Array(count * itemBytes);
          const bytes = await file.read(length + row * itemBytes, count * itemBytes, buffer);
          const slabs = columns.map((column): Slab => ({ bytes, stride: itemBytes, ...fields[column]! }));
          return { rows: Math.floor(bytes.length / itemBytes), slabs };
        },
      };
    },
    offsetOf: (row) => Math.min(file.size, length + row * itemBytes),
    damage: () => behind(file, length + rows * itemBytes),
    close: () => file.close(),
  };
}

/** A matrix of events: one event's numbers lie together (`together`), or one column's. */
function matrixTable(file: ByteSource, header: NpyHeader, rows: number, columns: number, together: boolean): NumberTable {
  const field = header.fields[0]!;
  const { itemBytes, length } = header;
  const names = Array.from({ length: columns }, () => "");
  if (together) {
    const fields = names.map((name, i) => ({ ...field, name, offset: i * itemBytes }));
    return recordTable(file, { ...header, fields, itemBytes: columns * itemBytes }, rows);
  }
  const runs = names.map((_, column) => ({ field, start: length + column * rows * itemBytes }));
  return columnsTable(file, names, rows, runs);
}

/** One number after the other from a byte on. */
export interface ColumnRun {
  readonly field: Pick<Field, "kind" | "littleEndian">;
  readonly start: number;
}

/** Columns that lie one behind the other in a file. */
export function columnsTable(file: ByteSource, names: readonly string[], rows: number, runs: readonly ColumnRun[]): NumberTable {
  const [first] = runs;
  return {
    rows,
    names,
    reader: () => {
      const buffers = runs.map(() => new Uint8Array(0));
      return {
        read: async (row, count, wanted) => {
          let least = count;
          const slabs: Slab[] = [];
          for (const column of wanted) {
            const { field, start } = runs[column]!;
            const stride = bytesOf(field.kind);
            if (buffers[column]!.length < count * stride) buffers[column] = new Uint8Array(count * stride);
            const bytes = await file.read(start + row * stride, count * stride, buffers[column]);
            least = Math.min(least, Math.floor(bytes.length / stride));
            slabs.push({ ...field, bytes, stride, offset: 0 });
          }
          return { rows: least, slabs };
        },
      };
    },
    offsetOf: (row) => (first === undefined ? 0 : Math.min(file.size, first.start + row * bytesOf(first.field.kind))),
    close: () => file.close(),
  };
}

/** What lies behind the last row. */
function behind({ size }: ByteSource, end: number): { offset: number; bytes: number; reason: string }[] {
  return size > end ? [{ offset: end, bytes: size - end, reason: "bytes behind the last row are not used" }] : [];
}
