import { untrack, type Component } from "svelte";

/** Something the palette and the menus can do. */
export type Command = {
  readonly id: string;
  /** A verb: "Import files". */
  readonly label: string;
  /** Small print beside it. */
  readonly detail?: string;
  readonly group: "Commands" | "Recordings" | "Settings";
  readonly keys?: readonly string[];
  readonly icon?: Component;
  /** Shown at the foot of the palette while it is chosen. */
  readonly consequence?: string;
  /** A setting that is switched in its row; `run` changes it over. */
  readonly on?: () => boolean;
  readonly run: () => void | Promise<void>;
};

/** The commands that exist right now: those of the shell and those of the page that is open. */
export class Commands {
  #sets = $state.raw<readonly (readonly Command[])[]>([]);
  readonly all = $derived(this.#sets.flat());

  /** Adds a page's commands; the answer takes them away again. */
  add(commands: readonly Command[]): () => void {
    // Called from effects, which must not run again because of what they add.
    untrack(() => (this.#sets = [...this.#sets, commands]));
    return () => void untrack(() => (this.#sets = this.#sets.filter((other) => other !== commands)));
  }
}

/** Where a query matches a text, as spans; undefined when it does not. Words may come in any order. */
export function matchSpans(text: string, query: string): readonly (readonly [number, number])[] | undefined {
  const low = text.toLocaleLowerCase();
  const spans: [number, number][] = [];
  for (const word of query.toLocaleLowerCase().split(/\s+/).filter(Boolean)) {
    const at = low.indexOf(word);
    if (at < 0) return undefined;
    spans.push([at, at + word.length]);
  }
  return spans.sort((a, b) => a[0] - b[0]);
}

/** How well a command answers a query: a match at the start of a word first; undefined for none. */
export function score(command: Pick<Command, "label" | "detail">, query: string): number | undefined {
  if (query.trim() === "") return 0;
  const inLabel = matchSpans(command.label, query);
  if (inLabel !== undefined) {
    const at = inLabel[0]?.[0] ?? 0;
    return at === 0 ? 3 : /\W/.test(command.label[at - 1] ?? "") ? 2 : 1;
  }
  return matchSpans(`${command.label} ${command.detail ?? ""}`, query) === undefined ? undefined : 0.5;
}
