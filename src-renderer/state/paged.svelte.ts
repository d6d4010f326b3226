import { SvelteMap } from "svelte/reactivity";

const PAGE = 100;

/** A long list of which only the pages that are looked at are fetched. */
export class PagedList<T> {
  total = $state(0);
  #pages = new SvelteMap<number, readonly T[]>();
  #asked = new Set<number>();
  #era = 0;
  readonly #fetch: (offset: number, limit: number) => Promise<{ readonly total: number; readonly items: readonly T[] }>;
  readonly #fail: (error: unknown) => void;

  constructor(
    fetch: (offset: number, limit: number) => Promise<{ readonly total: number; readonly items: readonly T[] }>,
    fail: (error: unknown) => void,
  ) {
    this.#fetch = fetch;
    this.#fail = fail;
  }

  /** The item, or undefined while its page is on its way. Call `want` for what is in view. */
  at(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Fetches what is missing of `[from, to)`. */
  want(from: number, to: number): void {
    for (let page = Math.floor(Math.max(0, from) / PAGE); page * PAGE < Math.min(to, this.total); page++) this.#load(page);
  }

  /** Loads everything in view again; what was there stays until the new is. */
  refresh(): void {
    this.#era += 1;
    const pages = [...this.#asked];
    this.#asked.clear();
    for (const page of new Set([0, ...pages])) this.#load(page);
  }

  /** Starts over, for another query. */
  clear(): void {
    this.#era += 1;
    this.#asked.clear();
    this.#pages.clear();
    this.#load(0);
  }

  #load(page: number): void {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const era = this.#era;
    this.#fetch(page * PAGE, PAGE).then(
      ({ total, items }) => {
        if (era !== this.#era) return;
        this.total = total;
        this.#pages.set(page, items);
      },
      (error: unknown) => {
        this.#asked.delete(page);
        if (era === this.#era) this.#fail(error);
      },
    );
  }
}
