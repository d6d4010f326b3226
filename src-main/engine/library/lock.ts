import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "#shared/api/errors.ts";
import { isLocked } from "./sql-error.ts";

/*
 * One process at a time works in a workspace. The lock is a lock of the operating system, taken through SQLite on a file
 * of its own: it goes with its process, whatever ends that, so a crash cannot leave a workspace locked. The note beside it
 * says who holds it, for the message; a note that is still there although the lock is free tells of an unclean end.
 */
const LOCK_FILE = "lock";
const NOTE_FILE = "open-by.json";

export interface WorkspaceLock {
  /** The last process that had it open did not close it. */
  readonly unclean: boolean;
  /** Gives it back after a clean end. */
  release(): void;
}

function readNote(path: string): string | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof note !== "object" || note === null || !("pid" in note) || !("host" in note)) return "";
    return `process ${String(note.pid)} on ${String(note.host)}`;
  } catch (error) {
    if (error instanceof SyntaxError) return ""; // torn by a crash: there was an owner, nothing more is known
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws AppError `workspace-locked` when another process, or this one, has it open. */
export function lockWorkspace(workspace: string): WorkspaceLock {
  const folder = join(workspace, ".saccade");
  const notePath = join(folder, NOTE_FILE);
  mkdirSync(folder, { recursive: true });
  const holder = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    holder.close();
    if (!isLocked(error)) throw error;
    const owner = readNote(notePath);
    throw new AppError("workspace-locked", `The workspace ${workspace} is open in another window or command`, {
      hint: `${owner === undefined || owner === "" ? "Close it there" : `Close it there (${owner})`}, or choose another workspace.`,
    });
  }
  const unclean = readNote(notePath) !== undefined;
  writeFileSync(notePath, JSON.stringify({ pid: process.pid, host: hostname(), at: new Date().toISOString() }));
  return {
    unclean,
    release: () => {
      if (!holder.isOpen) return;
      rmSync(notePath, { force: true });
      holder.close();
    },
  };
}
