import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { columns, type TableName, type Tables } from "./rows.ts";

/** One row before and after: null where there is none. Both directions of an edit are lists of these. */
export type Change = {
  readonly table: TableName;
  readonly id: string;
  readonly before: Readonly<Record<string, SQLInputValue>> | null;
  readonly after: Readonly<Record<string, SQLInputValue>> | null;
};

/** Rows by table and id, with prepared statements. Everything that changes rows goes through here. */
export interface Store {
  readonly db: DatabaseSync;
  all<R>(sql: string, ...values: SQLInputValue[]): R[];
  one<R>(sql: string, ...values: SQLInputValue[]): R | undefined;
  run(sql: string, ...values: SQLInputValue[]): void;
  row<T extends TableName>(table: T, id: string): Tables[T] | undefined;
  apply(change: Change, direction: "forward" | "back"): void;
  transaction<R>(work: () => R): R;
}

/** Writes rows and remembers what it did. */
export interface Writer {
  readonly changes: readonly Change[];
  insert<T extends TableName>(table: T, row: Tables[T]): void;
  update<T extends TableName>(table: T, id: string, patch: Partial<Tables[T]>): void;
  remove(table: TableName, id: string): void;
}

export function createStore(db: DatabaseSync): Store {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)));
    return statement;
  };
  const store: Store = {
    db,
    all: <R>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as R[],
    one: <R>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as R | undefined,
    run: (sql, ...values) => void prepare(sql).run(...values),
    row: <T extends TableName>(table: T, id: string) => store.one<Tables[T]>(`SELECT * FROM ${table} WHERE id = ?`, id),
    apply: ({ table, id, before, after }, direction) => {
      const [from, to] = direction === "forward" ? [before, after] : [after, before];
      const names = columns[table];
      if (to === null) {
        store.run(`DELETE FROM ${table} WHERE id = ?`, id);
      } else if (from === null) {
        const places = names.map(() => "?").join(", ");
        store.run(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places})`, ...names.map((name) => to[name] ?? null));
      } else {
        const sets = names.map((name) => `${name} = ?`).join(", ");
        store.run(`UPDATE ${table} SET ${sets} WHERE id = ?`, ...names.map((name) => to[name] ?? null), id);
      }
    },
    transaction: (work) => {
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    },
  };
  return store;
}

export function createWriter(store: Store): Writer {
  const changes: Change[] = [];
  const carryOut = (change: Change): void => {
    store.apply(change, "forward");
    changes.push(change);
  };
  return {
    changes,
    insert: (table, row) => carryOut({ table, id: row.id, before: null, after: row }),
    update: (table, id, patch) => {
      const before = store.row(table, id);
      if (before === undefined) throw new Error(`no row ${id} in ${table}`);
      carryOut({ table, id, before, after: { ...before, ...patch } });
    },
    remove: (table, id) => {
      const before = store.row(table, id);
      if (before === undefined) throw new Error(`no row ${id} in ${table}`);
      carryOut({ table, id, before, after: null });
    },
  };
}
