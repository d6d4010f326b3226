import { AppError, type ErrorCode } from "#shared/api/errors.ts";

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html) that mean something to people. */
const RESULTS: Readonly<Record<number, readonly [code: ErrorCode, why: string, hint: string]>> = {
  5: ["busy", "another program is using it", "Close the other program and try again."],
  8: ["read-only", "it cannot be written to", "Change the permissions of the folder, or copy the workspace elsewhere."],
  10: ["io", "the disk reported an error", "Check the disk; nothing that was confirmed before is lost."],
  11: ["damaged", "it is damaged", "Open the workspace again to restore the last backup."],
  13: ["disk-full", "the disk is full", "Free some space; nothing that was confirmed before is lost."],
  14: ["io", "it could not be opened", "Check that the folder exists and can be written to."],
  26: ["damaged", "it is no database", "Open the workspace again to restore the last backup."],
};

const resultOf = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;

/** Whether the database file itself is broken, so that only a backup helps. */
export const isDamage = (error: unknown): boolean => [11, 26].includes(resultOf(error) ?? 0);

/** Whether somebody else holds the lock. */
export const isLocked = (error: unknown): boolean => [5, 6].includes(resultOf(error) ?? 0);

/** A failure of the database as an AppError naming the file; anything else as it is. */
export function sqlError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const known = RESULTS[resultOf(error) ?? -1];
  if (known === undefined) return error;
  const [code, why, hint] = known;
  return new AppError(code, `The library ${path} could not be used: ${why}`, { hint, cause: error });
}
