import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Arguments of a start and the folder they are relative to. */
export interface Start {
  readonly args: readonly string[];
  readonly cwd: string;
}

/** The arguments of this process; in development the first two are Electron and the app. */
export const ownStart = (): Start => ({ args: process.argv.slice(process.defaultApp ? 2 : 1), cwd: process.cwd() });

/** What a second instance passed on, checked: it is another process's word. */
export function parseStart(data: unknown): Start {
  if (typeof data !== "object" || data === null || !("args" in data) || !("cwd" in data)) return { args: [], cwd: "/" };
  const { args, cwd } = data;
  const texts = Array.isArray(args) ? args.filter((arg): arg is string => typeof arg === "string") : [];
  return { args: texts, cwd: typeof cwd === "string" ? cwd : "/" };
}

/** Files and links among arguments; desktops hand over paths or file: addresses, switches are not ours. */
export function itemsOf({ args, cwd }: Start): string[] {
  const items: string[] = [];
  for (const arg of args) {
    if (arg === "" || arg.startsWith("-")) continue;
    if (arg.startsWith("saccade:")) items.push(arg);
    else if (!arg.startsWith("file:")) items.push(resolve(cwd, arg));
    else if (URL.canParse(arg) && new URL(arg).host === "") items.push(fileURLToPath(arg));
  }
  return items;
}

/** Keeps what is to be opened until the page listens. */
export class OpenQueue {
  readonly #waiting: string[] = [];
  #deliver: ((item: string) => void) | undefined;

  open(item: string): void {
    if (this.#deliver === undefined) this.#waiting.push(item);
    else this.#deliver(item);
  }

  /** The page listens from now on. */
  listen(deliver: (item: string) => void): void {
    this.#deliver = deliver;
    for (const item of this.#waiting.splice(0)) deliver(item);
  }

  /** The page is gone or loads again. */
  pause(): void {
    this.#deliver = undefined;
  }
}
