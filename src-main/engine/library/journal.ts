import type { Change, Store } from "./store.ts";

/*
 * The journal: undo, redo and recovery are one mechanism. An entry holds the rows before and after, is written in the
 * transaction that changes them, and stays for ever; what has been undone is only dropped when another edit takes its place.
 */
type Entry = { readonly seq: number; readonly label: string; readonly batch: string | null; readonly changes: string };

export interface Journal {
  /** Inside the transaction of the edit. Entries of one batch are undone and redone together. */
  add(label: string, changes: readonly Change[], batch?: string): void;
  /** Gives every entry of a batch the label of the whole. */
  rename(batch: string, label: string): void;
  /** The label of what was undone, or nothing when there is nothing. */
  undo(): string | undefined;
  redo(): string | undefined;
  undoLabel(): string | undefined;
  redoLabel(): string | undefined;
}

export function createJournal(store: Store): Journal {
  const lastDone = (): Entry | undefined => store.one("SELECT * FROM journal WHERE undone = 0 ORDER BY seq DESC LIMIT 1");
  const firstUndone = (): Entry | undefined => store.one("SELECT * FROM journal WHERE undone = 1 ORDER BY seq LIMIT 1");

  /** Goes over one entry, or over all neighbours of its batch. */
  const walk = (next: () => Entry | undefined, visit: (entry: Entry) => void): string | undefined =>
    store.transaction(() => {
      const first = next();
      for (let entry = first; entry !== undefined;) {
        visit(entry);
        if (first?.batch === null) break;
        entry = next();
        if (entry?.batch !== first?.batch) break;
      }
      return first?.label;
    });
  const mark = (entry: Entry, undone: 0 | 1): void => store.run("UPDATE journal SET undone = ? WHERE seq = ?", undone, entry.seq);
  const changesOf = (entry: Entry): Change[] => JSON.parse(entry.changes) as Change[];

  return {
    add: (label, changes, batch) => {
      store.run("DELETE FROM journal WHERE undone = 1");
      store.run(
        "INSERT INTO journal (at, label, batch, changes) VALUES (?, ?, ?, ?)",
        ...[Date.now(), label, batch ?? null, JSON.stringify(changes)],
      );
    },
    rename: (batch, label) => store.run("UPDATE journal SET label = ? WHERE batch = ?", label, batch),
    undo: () =>
      walk(lastDone, (entry) => {
        for (const change of changesOf(entry).toReversed()) store.apply(change, "back");
        mark(entry, 1);
      }),
    redo: () =>
      walk(firstUndone, (entry) => {
        for (const change of changesOf(entry)) store.apply(change, "forward");
        mark(entry, 0);
      }),
    undoLabel: () => lastDone()?.label,
    redoLabel: () => firstUndone()?.label,
  };
}
