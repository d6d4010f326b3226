/** Bytes that are fetched at once. */
const PAGE = 1 << 16;
/** Pages that are kept: the library comes back to its lists again and again. */
const KEPT = 64;

/** A file that is read in small pieces from a place where each request costs much. */
export class PagedFile {
  readonly #size: number;
  readonly #fetch: (offset: number, length: number) => Uint8Array;
  readonly #pages = new Map<number, Uint8Array>();

  /** `fetch` lends at most `length` bytes from `offset`, fewer where the file ends or as it pleases. */
  constructor(size: number, fetch: (offset: number, length: number) => Uint8Array) {
    this.#size = size;
    this.#fetch = fetch;
  }

  /** Reads into `into` from `at` on; answers the number of bytes, fewer than `length` only at the end. */
  read(position: number, into: Uint8Array, at: number, length: number): number {
    const end = Math.min(this.#size, position + length);
    let done = 0;
    while (position + done < end) {
      const here = position + done;
      const left = end - here;
      let bytes: Uint8Array;
      if (left >= PAGE) bytes = this.#fetch(here, left);
      else {
        const page = Math.floor(here / PAGE);
        bytes = this.#page(page).subarray(here - page * PAGE);
      }
      if (bytes.length === 0) break;
      const taken = Math.min(left, bytes.length);
      into.set(bytes.subarray(0, taken), at + done);
      done += taken;
    }
    return done;
  }

  #page(number: number): Uint8Array {
    let page = this.#pages.get(number);
    if (page === undefined) page = this.#fetch(number * PAGE, Math.min(PAGE, this.#size - number * PAGE)).slice();
    else this.#pages.delete(number); // to the end of the order: used last
    this.#pages.set(number, page);
    if (this.#pages.size > KEPT) this.#pages.delete(this.#pages.keys().next().value!);
    return page;
  }
}
