import { hrefOf, parseRoute, type Route } from "./address.ts";

export { hrefOf, places, type Place } from "./address.ts";

/** The address as state. Moving is `go`; the back button works. */
export class Router {
  current = $state.raw<Route>(parseRoute(location.hash));
  #listen = (): void => {
    this.current = parseRoute(location.hash);
  };

  constructor() {
    window.addEventListener("hashchange", this.#listen);
  }

  go(page: string, parts: readonly string[] = [], query: Readonly<Record<string, string>> = {}): void {
    location.hash = hrefOf(page, parts, query);
  }

  /** Changes the address without an entry in the history. */
  replace(page: string, parts: readonly string[] = [], query: Readonly<Record<string, string>> = {}): void {
    history.replaceState(history.state, "", hrefOf(page, parts, query));
    this.#listen();
  }

  close(): void {
    window.removeEventListener("hashchange", this.#listen);
  }
}
