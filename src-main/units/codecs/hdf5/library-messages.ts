import type { NumberKind } from "../tables/numbers.ts";

/** One named number of a record. */
export interface LibraryField {
  readonly name: string;
  readonly offset: number;
  readonly kind: NumberKind;
  readonly littleEndian: boolean;
}

/** A data set as the HDF5 library describes it. */
export interface LibraryDataset {
  readonly path: string;
  readonly shape: readonly number[];
  /** The row of a matrix that is meant, where each row is a column of events, as MATLAB has it: shape and chunk are those of a row. */
  readonly row?: number;
  /** Elements of a chunk in each direction; absent when the data lie in one piece. */
  readonly chunk?: readonly number[];
  /** Bytes of an element. */
  readonly bytes: number;
  /** Type of a plain number; absent for records and for what cannot be read. */
  readonly kind?: NumberKind;
  /** Numbers of a record that can be read. */
  readonly fields: readonly LibraryField[];
  readonly filters: readonly { readonly id: number; readonly name: string }[];
}

/** What a file holds, as far as it has been looked at. */
export interface LibraryTree {
  readonly datasets: readonly LibraryDataset[];
  readonly groups: readonly string[];
  /** Texts and numbers beside the file and its groups, by path. */
  readonly attributes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What the library's thread is asked to do with the file `key` of `size` bytes. */
export type LibraryRequest = { readonly key: number; readonly size: number; readonly name: string } & (
  | { readonly kind: "tree" }
  | { readonly kind: "read"; readonly path: string; readonly from: readonly number[]; readonly count: readonly number[] }
  | { readonly kind: "forget" }
);

/** What it answers; `bytes` asks for a part of the file and waits. */
export type LibraryReply =
  | { readonly kind: "bytes"; readonly offset: number; readonly length: number }
  | { readonly kind: "tree"; readonly tree: LibraryTree }
  | { readonly kind: "data"; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly kind: "forgotten" }
  /** `broken`: the library cannot be used any more. */
  | { readonly kind: "failed"; readonly message: string; readonly unsupported: boolean; readonly broken: boolean };

/** Shared words: whether bytes have arrived, and how many (−1: the file could not be read). */
export const READY = 0;
export const LENGTH = 1;
/** Where the bytes begin behind them, and how many fit. */
export const SHARED_AT = 16;
export const SHARED_BYTES = 1 << 20;

/** What the thread is started with. */
export interface LibraryStart {
  readonly shared: SharedArrayBuffer;
  /** Folder of the filter plugins. */
  readonly plugins: string;
}
