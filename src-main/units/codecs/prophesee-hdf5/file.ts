import { AppError } from "#shared/api/errors.ts";
import type { Trigger } from "#shared/events/beside.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { attributesOf } from "../hdf5/attributes.ts";
import { newer } from "../hdf5/bytes.ts";
import { chunksOf, type Chunk, type IndexDamage } from "../hdf5/chunks.ts";
import { datasetAt, type Dataset, type Field } from "../hdf5/dataset.ts";
import { chunkBytes, isPlain } from "../hdf5/elements.ts";
import { resolvePath } from "../hdf5/groups.ts";
import { messagesAt } from "../hdf5/header.ts";
import { rootOf } from "../hdf5/superblock.ts";

/** Triggers that are kept at most; more are only counted by whoever lists them. */
const MAX_TRIGGERS = 1 << 20;

/** A one-dimensional data set of records and its chunks. */
export interface Table {
  readonly data: Dataset;
  /** Number of records. */
  readonly count: number;
  /** Records of a whole chunk. */
  readonly rows: number;
  readonly chunks: readonly Chunk[];
  readonly damage: readonly IndexDamage[];
}

/** What the file says before any event is decoded. */
export interface PropheseeHdf5 {
  readonly metadata: Readonly<Record<string, string>>;
  readonly events: Table | undefined;
  readonly triggers: readonly Trigger[];
  readonly damage: readonly IndexDamage[];
}

/** Reads everything but the events. @throws AppError `damaged`, `unsupported`, `unknown-format`. */
export async function openPropheseeHdf5(file: ByteSource): Promise<PropheseeHdf5> {
  const root = await rootOf(file);
  const metadata = await attributesOf(file, await messagesAt(file, root));
  const damage: IndexDamage[] = [];
  const events = await tableAt(file, root, "CD/events");
  let triggers: readonly Trigger[] = [];
  try {
    const table = await tableAt(file, root, "EXT_TRIGGER/events");
    if (table === undefined && events === undefined) {
      throw new AppError("unknown-format", `${file.name} has neither /CD/events nor /EXT_TRIGGER/events`);
    }
    if (table !== undefined) {
      damage.push(...table.damage);
      triggers = await triggersOf(file, table, damage);
    }
  } catch (error) {
    if (events === undefined || !(error instanceof AppError)) throw error;
    damage.push({ offset: root, reason: `triggers are left out: ${error.message}` });
  }
  return { metadata, events, triggers, damage };
}

async function tableAt(file: ByteSource, root: number, path: string): Promise<Table | undefined> {
  const address = await resolvePath(file, root, path);
  const data = address === undefined ? undefined : await datasetAt(file, address);
  if (data === undefined) return undefined;
  const { dims, layout, type } = data;
  if (dims.length !== 1 || layout.kind !== "chunked" || layout.chunk.length !== 1) {
    throw newer(file.name, `/${path} is not a list of chunks`);
  }
  const rows = layout.chunk[0]!;
  if (rows === 0 || type.bytes === 0) {
    throw new AppError("damaged", `${file.name} is damaged: /${path} has chunks of ${rows} records`);
  }
  const index = await chunksOf(file, layout.tree);
  const [sound, odd] = [index.chunks.filter(isWhole(dims[0]!, rows)), index.chunks.filter((c) => !isWhole(dims[0]!, rows)(c))];
  const damage = [
    ...index.damage,
    ...odd.map(({ offset, first }) => ({ offset, reason: `a chunk of record ${first}, where none begins` })),
  ];
  return { data, count: dims[0]!, rows, chunks: sound, damage };
}

const isWhole =
  (count: number, rows: number) =>
  ({ first }: Chunk): boolean =>
    first < count && first % rows === 0;

/** The field of that name. @throws AppError `unsupported` when it is missing. */
export function fieldOf(file: ByteSource, data: Dataset, name: string): Field {
  const field = data.type.fields.find((one) => one.name === name);
  if (field?.kind !== "integer" || ![2, 4, 8].includes(field.bytes)) {
    throw new AppError("unsupported", `${file.name} cannot be read: its records have no whole number “${name}”`);
  }
  return field;
}

/** The number in a field of the record at `at`. */
export function numberIn(view: DataView, at: number, { offset, bytes, signed }: Field): number {
  if (bytes === 8) {
    const high = signed ? view.getInt32(at + offset + 4, true) : view.getUint32(at + offset + 4, true);
    return high * 0x1_0000_0000 + view.getUint32(at + offset, true);
  }
  if (bytes === 4) return signed ? view.getInt32(at + offset, true) : view.getUint32(at + offset, true);
  return signed ? view.getInt16(at + offset, true) : view.getUint16(at + offset, true);
}

async function triggersOf(file: ByteSource, table: Table, damage: IndexDamage[]): Promise<readonly Trigger[]> {
  const { data, chunks, count } = table;
  if (!isPlain(data)) {
    damage.push({ offset: 0, reason: "triggers are left out: they are packed with a filter that is not read here" });
    return [];
  }
  const [p, t, id] = ["p", "t", "id"].map((name) => fieldOf(file, data, name)) as [Field, Field, Field];
  const found: Trigger[] = [];
  for (const chunk of chunks) {
    try {
      const bytes = await chunkBytes(file, data, chunk);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const records = Math.min(count - chunk.first, Math.floor(bytes.length / data.type.bytes));
      for (let i = 0, at = 0; i < records && found.length < MAX_TRIGGERS; i += 1, at += data.type.bytes) {
        const time = numberIn(view, at, t);
        if (!Number.isSafeInteger(time) || time < 0) continue;
        found.push({ t: time, channel: numberIn(view, at, id), value: numberIn(view, at, p) === 0 ? 0 : 1 });
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "damaged") throw error;
      damage.push({ offset: chunk.offset, reason: `triggers are left out: ${error.message}` });
    }
  }
  return found;
}
