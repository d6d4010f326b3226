import type { TableRow } from "./blocks.ts";

const COLUMNS = 6;

/** The rows of a data table in little memory: a recording of hours has millions. */
export class PacketTable {
  #values = new Float64Array(COLUMNS << 10);
  length = 0;

  add({ offset, stream, size, count, start, end }: TableRow): void {
    const at = COLUMNS * this.length;
    if (at + COLUMNS > this.#values.length) {
      const grown = new Float64Array(2 * this.#values.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values.set([offset, stream, size, count, start, end], at);
    this.length += 1;
  }

  row(index: number): TableRow {
    const [offset = 0, stream = 0, size = 0, count = 0, start = 0, end = 0] = this.#values.subarray(COLUMNS * index);
    return { offset, stream, size, count, start, end };
  }
}
