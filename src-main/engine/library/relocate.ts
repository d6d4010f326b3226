import { basename } from "node:path";
import type { Change, Store } from "./store.ts";
import type { RecordingRow } from "./rows.ts";

/** Where a recording lies from now on, and as what. */
export interface Place {
  /** As the table keeps it. */
  readonly path: string;
  readonly codec: string;
  readonly bytes: number;
}

/**
 * The file of a recording has become another one with the same events. That is no edit: there is no way back, and whatever the journal
 * brings back later has to name the new file.
 */
export function relocateRecording(store: Store, row: RecordingRow, place: Place): void {
  const moved = (row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
    ...row,
    ...place,
    // A name that somebody has given stays.
    name: row["name"] === basename(String(row["path"])) ? basename(place.path) : row["name"],
  });
  const after = moved(row) as RecordingRow;
  store.transaction(() => {
    store.apply({ table: "recordings", id: row.id, before: row, after }, "forward");
    const entries = store.all<{ readonly seq: number; readonly changes: string }>(
      "SELECT seq, changes FROM journal WHERE changes LIKE ?",
      `%${row.id}%`,
    );
    for (const { seq, changes } of entries) {
      const next = (JSON.parse(changes) as Change[]).map((change) =>
        change.table === "recordings" && change.id === row.id
          ? { ...change, before: change.before && moved(change.before), after: change.after && moved(change.after) }
          : change,
      );
      store.run("UPDATE journal SET changes = ? WHERE seq = ?", JSON.stringify(next), seq);
    }
  });
}
