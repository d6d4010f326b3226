import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec } from "../codec.ts";
import { latin1 } from "../signatures.ts";
import { layoutByName } from "../tables/names.ts";
import { bytesOf, type Slab } from "../tables/numbers.ts";
import { tableRecording, type NumberTable } from "../tables/table.ts";
import { numbersIn, type MatDamage, type MatNumbers } from "./elements.ts";

const SIGNATURE = "MATLAB 5.0 MAT-file";
/** A matrix with more columns holds no events. */
const MAX_COLUMNS = 8;

/** One column of numbers: a variable, or a column of a matrix. */
interface Column {
  readonly name: string;
  readonly numbers: MatNumbers;
  readonly start: number;
  readonly rows: number;
}

/** The columns that make events, and whether this layout usually counts from 1. */
interface Choice {
  readonly columns: readonly Column[];
  readonly oneBased: boolean;
  readonly variable: string;
}

const isVector = ({ rows, columns }: MatNumbers): boolean => rows === 1 || columns === 1;
const groupOf = (name: string): string => name.split(".").slice(0, -1).join(".");
const fieldOf = (name: string): string => name.split(".").at(-1) ?? name;

/** Four vectors of one structure or of the file, else a matrix with a column for each. */
function choose(found: readonly MatNumbers[]): Choice | undefined {
  const groups = [...new Set(found.map(({ name }) => groupOf(name)))];
  // ATIS tools put change events into TD and exposures into EM.
  for (const group of groups.sort((a, b) => Number(/\bEM$/.test(a)) - Number(/\bEM$/.test(b)))) {
    const vectors = found.filter((numbers) => groupOf(numbers.name) === group && isVector(numbers));
    const named = layoutByName(vectors.map(({ name }) => fieldOf(name)));
    if (named === undefined) continue;
    const { t, x, y, p } = named.layout;
    const columns = [t, x, y, p].map((at): Column => {
      const numbers = vectors[at]!;
      return { name: fieldOf(numbers.name), numbers, start: numbers.start, rows: numbers.rows * numbers.columns };
    });
    return { columns, oneBased: group !== "", variable: group };
  }
  const tables = found.filter(({ rows, columns }) => columns >= 4 && columns <= MAX_COLUMNS && rows > columns);
  const [numbers] = tables.sort((a, b) => Number(/event/i.test(b.name)) - Number(/event/i.test(a.name)) || b.rows - a.rows);
  if (numbers === undefined) return undefined;
  const columns = Array.from({ length: numbers.columns }, (_, i): Column => {
    const start = numbers.start + i * numbers.rows * bytesOf(numbers.kind);
    return { name: "", numbers, start, rows: numbers.rows };
  });
  return { columns, oneBased: false, variable: numbers.name };
}

/** The chosen columns as a table. Small numbers lie in memory when they were compressed, else in the file. */
function tableOf(file: ByteSource, { columns }: Choice, damage: readonly MatDamage[]): NumberTable {
  const rows = Math.max(0, Math.min(...columns.map((column) => column.rows)));
  const most = Math.max(...columns.map((column) => column.rows));
  const offset = Math.min(...columns.map(({ numbers }) => numbers.offset));
  const [first] = columns;
  return {
    rows,
    names: columns.map(({ name }) => name),
    reader: () => {
      const buffers = columns.map(() => new Uint8Array(0));
      return {
        read: async (row, count, wanted) => {
          let least = count;
          const slabs: Slab[] = [];
          for (const at of wanted) {
            const { numbers, start } = columns[at]!;
            const stride = bytesOf(numbers.kind);
            const left = Math.max(0, numbers.start + numbers.bytes - (start + row * stride));
            if (buffers[at]!.length < count * stride) buffers[at] = new Uint8Array(count * stride);
            const bytes = await numbers.source.read(start + row * stride, Math.min(left, count * stride), buffers[at]);
            least = Math.min(least, Math.floor(bytes.length / stride));
            slabs.push({ bytes, offset: 0, stride, kind: numbers.kind, littleEndian: numbers.littleEndian });
          }
          return { rows: least, slabs };
        },
      };
    },
    // Inside a compressed variable there are no places: all rows lie where it begins.
    offsetOf: (row) => {
      const inFile = first?.numbers.source === file;
      return Math.min(file.size, inFile ? first.start + row * bytesOf(first.numbers.kind) : offset + Math.min(row, 1));
    },
    damage: () =>
      most === rows
        ? damage
        : [...damage, { offset, bytes: 0, reason: `the columns have between ${rows} and ${most} rows: the shortest counts` }],
    sequential: first?.numbers.source !== file,
    close: () => file.close(),
  };
}

/** MATLAB files of version 5. */
export const mat = {
  id: "mat",
  label: "MATLAB file",
  summary: "Events as columns, a structure TD or a matrix in a MAT-file of version 5 (ASL-DVS, ATIS tools); 7.3 is HDF5.",
  params: {},
  extensions: [".mat"],
  probe: (head) => latin1(head.subarray(0, SIGNATURE.length)) === SIGNATURE,
  open: async (file, answers = {}) => {
    const damage: MatDamage[] = [];
    const found = await numbersIn(file, damage);
    const choice = choose(found);
    if (choice === undefined) throw noEvents(file, found, damage);
    const facts = {
      name: file.name,
      label: basename(file.name),
      size: file.size,
      encoding: "mat",
      metadata: choice.variable === "" ? {} : { variable: choice.variable },
      oneBased: choice.oneBased,
    };
    return tableRecording(tableOf(file, choice, damage), facts, answers);
  },
} satisfies Codec;

function noEvents(file: ByteSource, found: readonly MatNumbers[], damage: readonly MatDamage[]): AppError {
  if (found.length === 0 && damage.length > 0) {
    return new AppError("damaged", `${file.name} cannot be read: ${damage[0]?.reason ?? ""}`, {
      hint: "Fetch or save it again.",
    });
  }
  const names = found.slice(0, 8).map(({ name, rows, columns }) => `${name} (${rows}×${columns})`);
  const what = names.length === 0 ? "no numbers" : names.join(", ");
  const touch = found.some(({ name }) => name === "spiketrain")
    ? "; a spike train of touch sensors is no recording of a camera"
    : "";
  const hurt = damage[0] === undefined ? "" : `; ${damage[0].reason}`; // the missing ones may have been there
  return new AppError(
    hurt === "" ? "unsupported" : "damaged",
    `${file.name} holds no events of a camera: found ${what}${touch}${hurt}`,
    {
      hint: "Expected vectors t, x, y, p, a structure TD with them, or a matrix with four columns.",
    },
  );
}
