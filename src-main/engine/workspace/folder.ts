import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { AppError } from "#shared/api/errors.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";

/** The file that says that a folder is a workspace, and which kind. */
export const WORKSPACE_FILE = "workspace.json";
const SCHEMA = 1;

export type WorkspaceFile = {
  readonly schema: typeof SCHEMA;
  readonly name?: string;
  /** The bundled demo project, copied; the version of its content. */
  readonly demo?: number;
};

const FOLDERS = ["recordings", "datasets", "runs", "models"];

/** Whether something can be written into the folder: tried, since permissions alone do not say it. */
export function isWritable(folder: string): boolean {
  const probe = join(folder, `.${randomBytes(6).toString("hex")}.part`);
  try {
    accessSync(folder, constants.W_OK);
    writeFileSync(probe, "");
    rmSync(probe);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && ["EACCES", "EPERM", "EROFS"].includes(String(error.code))) return false;
    throw fileError(error, folder, "write to");
  }
}

/**
 * Makes the folder a workspace unless it is one.
 * @returns whether it can be written to.
 * @throws AppError when it cannot be made, or is a file.
 */
export function prepareFolder(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    if (existsSync(path) && !statSync(path).isDirectory()) throw fileError({ code: "EEXIST" }, path, "make the workspace");
    throw fileError(reasonOf(error, path), path, "make the workspace");
  }
  if (!isWritable(path)) return false;
  for (const name of FOLDERS) mkdirSync(join(path, name), { recursive: true });
  return true;
}

/** On a read-only disk the recursive call says ENOENT; making the folder alone says why. */
function reasonOf(error: unknown, path: string): unknown {
  if (!existsSync(dirname(path))) return error;
  try {
    mkdirSync(path);
  } catch (plain) {
    return plain;
  }
  return error;
}

/** What the workspace says of itself; an absent file says nothing. @throws AppError `version`, `damaged`. */
export function readWorkspaceFile(path: string): WorkspaceFile {
  const file = join(path, WORKSPACE_FILE);
  if (!existsSync(file)) return { schema: SCHEMA };
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw fileError(error, file, "read");
    throw new AppError("damaged", `${file} cannot be read: ${error.message}`, { hint: "Delete it; it is written anew." });
  }
  const schema = typeof data === "object" && data !== null && "schema" in data ? Number(data.schema) : 0;
  if (schema > SCHEMA) {
    throw new AppError("version", `The workspace ${path} was made by a newer version of Saccade`, { hint: "Update Saccade." });
  }
  return data as WorkspaceFile;
}

export const writeWorkspaceFile = (path: string, data: Omit<WorkspaceFile, "schema">): Promise<void> =>
  writeAtomic(join(path, WORKSPACE_FILE), `${JSON.stringify({ schema: SCHEMA, ...data }, undefined, 2)}\n`);
