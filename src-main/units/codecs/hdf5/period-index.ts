import type { WrittenList } from "./writer.ts";

/** A silence of more than this ends an index that has a row for every period: a wrong time must not cost gigabytes. */
export const LONGEST_SILENCE_US = 3_600_000_000;

/** Records of numbers that collect until a chunk is full. */
export class RecordChunks {
  readonly view: DataView;
  readonly #bytes: Uint8Array;
  readonly #list: WrittenList;
  readonly #rows: number;
  count = 0;
  total = 0;

  constructor(list: WrittenList, recordBytes: number, rows: number) {
    this.#list = list;
    this.#rows = rows;
    this.#bytes = new Uint8Array(recordBytes * rows);
    this.view = new DataView(this.#bytes.buffer);
  }

  /** Counts a record that has been put at `count`; writes the chunk when it is full. */
  async added(): Promise<void> {
    this.count += 1;
    this.total += 1;
    if (this.count === this.#rows) await this.flush();
  }

  /** Writes what has collected. */
  async flush(): Promise<void> {
    if (this.count === 0) return;
    await this.#list.add(this.#bytes, this.count);
    this.#bytes.fill(0);
    this.count = 0;
  }
}
