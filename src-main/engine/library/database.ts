import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "#shared/api/errors.ts";
import { log } from "#main/lib/log.ts";
import { migrations } from "./schema.ts";
import { isDamage, sqlError } from "./sql-error.ts";

export const LIBRARY_FILE = "library.sqlite";
const BACKUPS = "backups";
/** A week of daily backups: long enough to notice a mistake, small beside the recordings. */
const KEPT_BACKUPS = 7;

export interface OpenedDatabase {
  readonly db: DatabaseSync;
  /** What the user should know: restored, migrated. */
  readonly notices: readonly string[];
}

const versionOf = (db: DatabaseSync): number => Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);

/** Copies a database as one consistent file, whatever is in its write-ahead log. */
function backUp(db: DatabaseSync, workspace: string, name: string): void {
  const folder = join(workspace, BACKUPS);
  mkdirSync(folder, { recursive: true });
  const partial = join(folder, `${name}.part`);
  rmSync(partial, { force: true });
  db.prepare("VACUUM INTO ?").run(partial);
  renameSync(partial, join(folder, name));
}

/** Backups, newest first. The date is in the name, so the order of the names is the order in time. */
function backupsOf(workspace: string): readonly string[] {
  const folder = join(workspace, BACKUPS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^library-\d{4}-\d\d-\d\d\.sqlite$/.test(name))
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));
}

/** Makes today's backup unless there is one, and lets the oldest go. */
export function dailyBackup(db: DatabaseSync, workspace: string, today = new Date()): void {
  const name = `library-${today.toISOString().slice(0, 10)}.sqlite`;
  if (existsSync(join(workspace, BACKUPS, name))) return;
  backUp(db, workspace, name);
  for (const old of backupsOf(workspace).slice(KEPT_BACKUPS)) rmSync(old, { force: true });
}

/** Brings the tables up to date, keeping a copy of what was there. @throws AppError `version` for a newer program's. */
function migrate(db: DatabaseSync, workspace: string, path: string): readonly string[] {
  const version = versionOf(db);
  if (version > migrations.length) {
    throw new AppError("version", `The library ${path} was written by a newer version of Saccade`, {
      hint: `It has version ${version}, this program understands up to ${migrations.length}. Update Saccade.`,
    });
  }
  if (version === migrations.length) return [];
  if (version > 0) backUp(db, workspace, `before-version-${migrations.length}.sqlite`);
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(step);
      db.exec(`PRAGMA user_version = ${index + 1}`);
      db.exec("COMMIT");
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  }
  return version === 0 ? [] : [`The library was brought up to version ${migrations.length}; a copy is in ${BACKUPS}.`];
}

function openWritable(workspace: string, path: string): OpenedDatabase {
  const db = new DatabaseSync(path, { timeout: 2000 });
  try {
    // FULL: a label is confirmed when it is on the disk. An edit then costs one flush, which nobody feels.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    const check = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (check !== "ok") throw Object.assign(new Error(String(check)), { errcode: 11 });
    return { db, notices: migrate(db, workspace, path) };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Puts the broken file aside and the newest good backup in its place. */
function restore(workspace: string, path: string): OpenedDatabase {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
  renameSync(path, aside);
  for (const suffix of ["-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  for (const backup of backupsOf(workspace)) {
    copyFileSync(backup, path);
    try {
      const { db, notices } = openWritable(workspace, path);
      const from = /\d{4}-\d\d-\d\d/.exec(backup)?.[0] ?? "";
      return {
        db,
        notices: [
          `The library was damaged and has been restored from the backup of ${from}. The damaged file is ${aside}.`,
          ...notices,
        ],
      };
    } catch (error) {
      if (!isDamage(error)) throw error;
      log("warning", "library", `the backup ${backup} is damaged too`);
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    }
  }
  const { db, notices } = openWritable(workspace, path);
  return {
    db,
    notices: [`The library was damaged and there was no backup: it starts empty. The damaged file is ${aside}.`, ...notices],
  };
}

/** For a folder that cannot be written to: the file as it is, without a lock or a log beside it. */
function openReadOnly(path: string): OpenedDatabase {
  if (!existsSync(path)) {
    const db = new DatabaseSync(":memory:");
    for (const step of migrations) db.exec(step);
    db.exec("PRAGMA query_only = ON");
    return { db, notices: [] };
  }
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  const db = new DatabaseSync(url, { readOnly: true });
  const version = versionOf(db);
  if (version === migrations.length) return { db, notices: [] };
  db.close();
  throw new AppError("version", `The library ${path} has version ${version}, this program needs ${migrations.length}`, {
    hint: "Copy the workspace to a place that can be written to and open it there.",
  });
}

/**
 * Opens the library of a workspace, making, migrating or restoring it as needed.
 * @throws AppError `version`, `damaged`, `disk-full`, …
 */
export function openDatabase(workspace: string, readOnly: boolean): OpenedDatabase {
  const path = join(workspace, LIBRARY_FILE);
  try {
    if (readOnly) return openReadOnly(path);
    try {
      return openWritable(workspace, path);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return restore(workspace, path);
    }
  } catch (error) {
    throw sqlError(error, path);
  }
}
