import { layoutByName, meaningOf, type Layout, type TimeUnit } from "../tables/names.ts";
import type { NumberKind } from "../tables/numbers.ts";
import type { LibraryDataset, LibraryTree } from "./library-messages.ts";

/** Where the numbers of one column lie. */
export interface PlacedColumn {
  readonly name: string;
  readonly dataset: LibraryDataset;
  readonly kind: NumberKind;
  /** Bytes from the start of a row of the data set. */
  readonly offset: number;
  readonly littleEndian: boolean;
}

/** Something in a tree that looks like events. */
export interface EventPlace {
  /** Group of columns, or data set of a matrix or of records. */
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly PlacedColumn[];
  /** Order of columns without names, where the layout is a known one. */
  readonly layout?: Layout;
  readonly unit?: TimeUnit;
}

/** A matrix of events has four columns; a small one without a telling name is rather a calibration. */
const COLUMNS = 4;
const FEW_ROWS = 16;

/** Everything in the tree that looks like events, the likeliest first: left before right, named before nameless, long before short. */
export function eventPlaces(tree: LibraryTree): readonly EventPlace[] {
  const places = [...tree.groups.flatMap((group) => groupPlace(tree, group)), ...tree.datasets.flatMap(datasetPlace)];
  const rank = ({ path }: EventPlace): number =>
    (/right/i.test(path) ? 4 : 0) + (/event|prophesee|^$/i.test(path) || path === "" ? 0 : 2) + (/left/i.test(path) ? 0 : 1);
  return places.sort((a, b) => rank(a) - rank(b) || b.rows - a.rows);
}

/** A row of a matrix as a list of its own. */
const rowOf = (dataset: LibraryDataset, row: number): LibraryDataset => {
  const { chunk, ...rest } = dataset;
  return { ...rest, shape: dataset.shape.slice(1), ...(chunk === undefined ? {} : { chunk: chunk.slice(1) }), row };
};

/** Columns side by side: one-dimensional data sets of one length in one group; MATLAB writes them as matrices of one row. */
function groupPlace({ datasets }: LibraryTree, group: string): readonly EventPlace[] {
  const lists = datasets.map((one) => (one.shape.length === 2 && one.shape[0] === 1 ? rowOf(one, 0) : one));
  const members = lists.filter(
    ({ path, shape, kind }) => path.slice(0, path.lastIndexOf("/")) === group && shape.length === 1 && kind !== undefined,
  );
  const nameOf = ({ path }: LibraryDataset): string => path.slice(path.lastIndexOf("/") + 1);
  const lengths = new Set(members.filter((one) => meaningOf(nameOf(one)) !== undefined).map(({ shape }) => shape[0]));
  const found: EventPlace[] = [];
  for (const rows of lengths) {
    const columns = members.filter(({ shape }) => shape[0] === rows);
    const byName = layoutByName(columns.map(nameOf));
    if (byName === undefined || rows === undefined) continue;
    const placed = columns.map((dataset): PlacedColumn => ({
      name: nameOf(dataset),
      dataset,
      kind: dataset.kind!,
      offset: 0,
      littleEndian: true,
    }));
    const unit = byName.unit ?? (group.includes("prophesee") ? "us" : undefined);
    found.push({ path: group, rows, columns: placed, ...(unit === undefined ? {} : { unit }) });
  }
  return found;
}

/** Records with the names of columns, or a matrix with four of them. */
function datasetPlace(dataset: LibraryDataset): readonly EventPlace[] {
  const { path, shape, fields, kind, bytes } = dataset;
  const [rows = 0, columns = 0] = shape;
  if (shape.length === 1 && layoutByName(fields.map(({ name }) => name)) !== undefined) {
    return [{ path, rows, columns: fields.map((field) => ({ ...field, dataset })) }];
  }
  const telling = /event/i.test(path);
  if (shape.length === 2 && kind !== undefined && rows === COLUMNS && columns >= FEW_ROWS) {
    const placed = Array.from({ length: rows }, (_, i): PlacedColumn => ({
      name: "",
      dataset: rowOf(dataset, i),
      kind,
      offset: 0,
      littleEndian: true,
    }));
    return [{ path, rows: columns, columns: placed }];
  }
  if (shape.length !== 2 || kind === undefined || columns !== COLUMNS || (!telling && rows < FEW_ROWS)) return [];
  const placed = Array.from({ length: columns }, (_, i): PlacedColumn => ({
    name: "",
    dataset,
    kind,
    offset: i * bytes,
    littleEndian: true,
  }));
  // MVSEC: x, y, seconds since 1970, −1 or +1
  if (/^\/davis\/(left|right)\/events$/.test(path)) {
    return [{ path, rows, columns: placed, layout: { x: 0, y: 1, t: 2, p: 3 }, unit: "s" }];
  }
  return [{ path, rows, columns: placed }];
}
