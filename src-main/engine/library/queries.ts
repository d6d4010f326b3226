import type { SQLInputValue } from "node:sqlite";
import type { ClipQuery, Facets, SegmentState } from "#shared/api/engine-api.ts";
import type { RecordingRow, SegmentRow } from "./rows.ts";
import type { Store } from "./store.ts";

type Condition = { readonly sql: string; readonly values: readonly SQLInputValue[] };
type Part = "classIds" | "subjects" | "recordingId" | "states" | "text";

/** Text as a LIKE pattern that finds it anywhere; what LIKE would read as a wildcard is taken literally. */
const pattern = (text: string): string => `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
const anyOf = (column: string, values: readonly SQLInputValue[]): Condition => ({
  sql: values.length === 0 ? "0" : `${column} IN (${values.map(() => "?").join(", ")})`,
  values,
});

/** Each word has to be found in one of the texts of a clip. */
function textCondition(text: string): Condition {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const texts = ["r.name", "c.name", "s.subject", "s.condition"];
  const one = `(${texts.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(" OR ")})`;
  return {
    sql: words.length === 0 ? "1" : words.map(() => one).join(" AND "),
    values: words.flatMap((word) => texts.map(() => pattern(word))),
  };
}

/** Filters of one kind are alternatives, kinds are combined. */
function conditionsOf(query: ClipQuery): ReadonlyMap<Part, Condition> {
  const conditions = new Map<Part, Condition>();
  const { classIds, subjects, recordingId, states, text } = query;
  if (classIds !== undefined) {
    const named = classIds.filter((id) => id !== null);
    const some = anyOf("s.class_id", named);
    const sql = named.length < classIds.length ? `(s.class_id IS NULL OR ${some.sql})` : some.sql;
    conditions.set("classIds", { sql, values: some.values });
  }
  if (subjects !== undefined) conditions.set("subjects", anyOf("s.subject", subjects));
  if (recordingId !== undefined) conditions.set("recordingId", { sql: "s.recording_id = ?", values: [recordingId] });
  if (states !== undefined) conditions.set("states", anyOf("s.state", states));
  if (text !== undefined && text.trim() !== "") conditions.set("text", textCondition(text));
  return conditions;
}

function where(conditions: ReadonlyMap<Part, Condition>, without?: Part): Condition {
  const used = [...conditions].filter(([part]) => part !== without).map(([, condition]) => condition);
  return {
    sql: used.length === 0 ? "" : `WHERE ${used.map(({ sql }) => sql).join(" AND ")}`,
    values: used.flatMap(({ values }) => values),
  };
}

const from = "FROM segments s JOIN recordings r ON r.id = s.recording_id LEFT JOIN classes c ON c.id = s.class_id";
/** Counting needs the other tables only where their text is searched. */
const fromFor = (query: ClipQuery): string => (query.text === undefined ? "FROM segments s" : from);

/**
 * The segments of one page, in the order of adding and of time. CROSS JOIN makes SQLite follow the index of that order
 * instead of sorting everything, and only the ids travel through the joins.
 */
export function clipRows(store: Store, query: ClipQuery): { readonly total: number; readonly rows: readonly SegmentRow[] } {
  const { sql, values } = where(conditionsOf(query));
  const total = store.one<{ n: number }>(`SELECT count(*) AS n ${fromFor(query)} ${sql}`, ...values)?.n ?? 0;
  const classes = query.text === undefined ? "" : "LEFT JOIN classes c ON c.id = s.class_id";
  const ids = store.all<{ id: string }>(
    `SELECT s.id FROM recordings r CROSS JOIN segments s ON s.recording_id = r.id ${classes} ${sql}
     ORDER BY r.added_at, r.name, r.id, s.range_start, s.id LIMIT ? OFFSET ?`,
    ...[...values, query.limit ?? -1, query.offset ?? 0],
  );
  return { total, rows: ids.flatMap(({ id }) => store.row("segments", id) ?? []) };
}

/** Counts for the filters: each kind is counted under the other kinds, so that choosing one does not empty its neighbours. */
export function facetsOf(store: Store, query: ClipQuery): Facets {
  const conditions = conditionsOf(query);
  const source = fromFor(query);
  const count = (extra: string | undefined, without?: Part): number => {
    const { sql, values } = where(conditions, without);
    const all = extra === undefined ? sql : sql === "" ? `WHERE ${extra}` : `${sql} AND ${extra}`;
    return store.one<{ n: number }>(`SELECT count(*) AS n ${source} ${all}`, ...values)?.n ?? 0;
  };
  const groups = (column: string, without?: Part): Record<string, number> => {
    const { sql, values } = where(conditions, without);
    const rows = store.all<{ name: string | null; n: number }>(
      `SELECT ${column} AS name, count(*) AS n ${source} ${sql} GROUP BY ${column} ORDER BY ${column}`,
      ...values,
    );
    return Object.fromEntries(rows.flatMap(({ name, n }) => (name === null ? [] : [[name, n]])));
  };
  const unsure: SegmentState = "unsure";
  return {
    recordings: recordingRows(store, { ...(query.text !== undefined && { text: query.text }), limit: 0 }).total,
    clips: count(undefined),
    unlabelled: count("s.class_id IS NULL", "classIds"),
    unsure: count(`s.state = '${unsure}'`, "states"),
    classes: groups("s.class_id", "classIds"),
    subjects: groups("s.subject", "subjects"),
    conditions: groups("s.condition"),
  };
}

/** One page of recordings; text is looked for in name and path. */
export function recordingRows(
  store: Store,
  query: { readonly text?: string; readonly offset?: number; readonly limit?: number },
): { readonly total: number; readonly rows: readonly RecordingRow[] } {
  const words = (query.text ?? "").split(/\s+/).filter((word) => word !== "");
  const sql =
    words.length === 0 ? "" : `WHERE ${words.map(() => "(name LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\')").join(" AND ")}`;
  const values = words.flatMap((word) => [pattern(word), pattern(word)]);
  const total = store.one<{ n: number }>(`SELECT count(*) AS n FROM recordings ${sql}`, ...values)?.n ?? 0;
  const rows = store.all<RecordingRow>(
    `SELECT * FROM recordings ${sql} ORDER BY added_at, name, id LIMIT ? OFFSET ?`,
    ...[...values, query.limit ?? -1, query.offset ?? 0],
  );
  return { total, rows };
}
