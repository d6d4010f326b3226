import { isNumberKind, type NumberKind } from "../tables/numbers.ts";
import type { LibraryDataset, LibraryField, LibraryTree } from "./library-messages.ts";

/** A type as the library describes it. */
interface LibraryType {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  readonly enum_type?: { readonly type: number };
  readonly compound_type?: { readonly members: readonly (LibraryType & { readonly name: string; readonly offset: number })[] };
  readonly vlen?: boolean;
  readonly shape?: readonly number[] | null;
  readonly chunks?: readonly number[] | null;
  readonly total_size?: number;
}

/** What is used of the library's module. */
export interface Library {
  readonly H5G_GROUP: number;
  readonly H5G_DATASET: number;
  readonly HEAPU8: Uint8Array;
  get_names(file: bigint, path: string, recursive: boolean): readonly string[];
  get_type(file: bigint, path: string): number;
  get_dataset_metadata(file: bigint, path: string): LibraryType;
  get_dataset_filters(file: bigint, path: string): readonly { readonly id: number; readonly name: string }[];
  get_attribute_names(file: bigint, path: string): readonly string[];
  get_attribute_metadata(file: bigint, path: string, name: string): LibraryType;
  get_attribute_data(file: bigint, path: string, name: string, place: bigint): number;
  reclaim_vlen_memory(file: bigint, path: string, name: string, place: bigint): number;
  AsciiToString(place: number): string;
  UTF8ToString(place: number): string;
  _malloc(bytes: number): number;
  _free(place: number): void;
}

/** Kinds of types: whole numbers, floating ones, text, records, names for whole numbers. */
const [INTEGER, FLOAT, TEXT, RECORD, NAMED] = [0, 1, 3, 6, 8];

/** Groups with more members than this are lists of pictures or clips: their first members tell enough. */
const MAX_MEMBERS = 64;
const MAX_OBJECTS = 2000;
const MAX_DEPTH = 10;
const MAX_ATTRIBUTES = 64;
const MAX_ATTRIBUTE_BYTES = 4096;

function kindOf({ type, size, signed, enum_type }: LibraryType): NumberKind | undefined {
  const base = type === NAMED ? enum_type?.type : type;
  const kind = base === INTEGER ? `${signed ? "i" : "u"}${size}` : base === FLOAT ? `f${size}` : "";
  return isNumberKind(kind) ? kind : undefined;
}

/** What a file holds: its data sets by path, with what is needed to read them. */
export function describeTree(library: Library, file: bigint): LibraryTree {
  const datasets: LibraryDataset[] = [];
  const groups: string[] = [];
  const attributes: Record<string, Readonly<Record<string, string>>> = {};
  const waiting: { readonly path: string; readonly depth: number }[] = [{ path: "", depth: 0 }];
  for (let at = 0; at < waiting.length && datasets.length + groups.length < MAX_OBJECTS; at += 1) {
    const { path, depth } = waiting[at]!;
    groups.push(path);
    attributes[path] = attributesOf(library, file, path === "" ? "/" : path);
    for (const name of listed(library.get_names(file, path === "" ? "/" : path, false)).slice(0, MAX_MEMBERS)) {
      const child = `${path}/${name}`;
      const type = library.get_type(file, child);
      if (type === library.H5G_GROUP && depth < MAX_DEPTH) waiting.push({ path: child, depth: depth + 1 });
      else if (type === library.H5G_DATASET) datasets.push(datasetAt(library, file, child));
    }
  }
  return { datasets, groups, attributes };
}

/** The library's vectors are sometimes plain arrays and sometimes objects with numbers as keys. */
const listed = (names: readonly string[]): readonly string[] => Array.from(names);

function datasetAt(library: Library, file: bigint, path: string): LibraryDataset {
  const metadata = library.get_dataset_metadata(file, path);
  const kind = kindOf(metadata);
  const fields = (metadata.type === RECORD ? (metadata.compound_type?.members ?? []) : []).flatMap((member): LibraryField[] => {
    const memberKind = kindOf(member);
    const { name, offset, littleEndian } = member;
    return memberKind === undefined ? [] : [{ name, offset, littleEndian, kind: memberKind }];
  });
  return {
    path,
    shape: metadata.shape ?? [],
    bytes: metadata.size,
    fields,
    filters: Array.from(library.get_dataset_filters(file, path), ({ id, name }) => ({ id, name })),
    ...(metadata.chunks == null ? {} : { chunk: metadata.chunks }),
    ...(kind === undefined ? {} : { kind }),
  };
}

function attributesOf(library: Library, file: bigint, path: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of listed(library.get_attribute_names(file, path)).slice(0, MAX_ATTRIBUTES)) {
    const value = attributeValue(library, file, path, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function attributeValue(library: Library, file: bigint, path: string, name: string): string | undefined {
  const metadata = library.get_attribute_metadata(file, path, name);
  const bytes = metadata.size * (metadata.total_size ?? 0);
  const kind = kindOf(metadata);
  if (!(bytes > 0 && bytes <= MAX_ATTRIBUTE_BYTES) || (kind === undefined && metadata.type !== TEXT)) return undefined;
  const place = library._malloc(bytes);
  if (place === 0) return undefined;
  try {
    if (library.get_attribute_data(file, path, name, BigInt(place)) < 0) return undefined;
    const data = library.HEAPU8.slice(place, place + bytes);
    if (metadata.type !== TEXT) return numbersIn(data, kind!).join(", ");
    if (metadata.vlen === true) {
      const text = library.UTF8ToString(new DataView(data.buffer).getUint32(0, true));
      library.reclaim_vlen_memory(file, path, name, BigInt(place));
      return text;
    }
    const end = data.indexOf(0);
    return new TextDecoder().decode(end < 0 ? data : data.subarray(0, end));
  } finally {
    library._free(place);
  }
}

function numbersIn(data: Uint8Array<ArrayBuffer>, kind: NumberKind): readonly (number | bigint)[] {
  const { buffer } = data;
  const bytes = Number(kind[1]);
  if (bytes === 8) {
    if (kind === "f8") return [...new Float64Array(buffer)];
    return [...(kind === "i8" ? new BigInt64Array(buffer) : new BigUint64Array(buffer))];
  }
  if (kind === "f4") return [...new Float32Array(buffer)];
  const signed = kind[0] === "i";
  if (bytes === 4) return [...(signed ? new Int32Array(buffer) : new Uint32Array(buffer))];
  if (bytes === 2) return [...(signed ? new Int16Array(buffer) : new Uint16Array(buffer))];
  return [...(signed ? new Int8Array(buffer) : data)];
}
