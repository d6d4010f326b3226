import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { WorkspaceInfo } from "#shared/api/engine-api.ts";
import { lockWorkspace, type WorkspaceLock } from "#main/engine/library/lock.ts";
import { openLibrary, type Library } from "#main/engine/library/library.ts";
import { prepareFolder, readWorkspaceFile } from "./folder.ts";

/** An open workspace: a folder that this process alone works in. */
export interface Workspace {
  readonly path: string;
  readonly readOnly: boolean;
  readonly demo: boolean;
  readonly library: Library;
  /** The last process that had it open did not close it. */
  readonly unclean: boolean;
  info(): Promise<WorkspaceInfo>;
  /** Something worth saying, shown from now on. */
  readonly notice: (text: string) => void;
  close(): void;
}

/** Bytes that can still be written where the path lies. */
export async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/**
 * Opens a workspace, making it when it does not exist.
 * @throws AppError `workspace-locked` when another process has it open.
 */
export function openWorkspace(
  folder: string,
  options: { readonly onChange: () => void; readonly onNotice: () => void; readonly readOnly?: boolean },
): Workspace {
  const path = resolve(folder);
  const isNew = !existsSync(path);
  const readOnly = options.readOnly === true || !prepareFolder(path);
  const lock: WorkspaceLock | undefined = readOnly ? undefined : lockWorkspace(path);
  try {
    const { demo, name } = readWorkspaceFile(path);
    const library = openLibrary(path, { readOnly, onChange: options.onChange });
    const notices = [...library.notices];
    if (readOnly) notices.push("This folder cannot be written to: everything can be looked at, nothing is saved.");
    if (lock?.unclean === true && !isNew)
      notices.push("Saccade was not closed properly last time. The library was checked and is whole.");
    return {
      path,
      readOnly,
      library,
      demo: demo !== undefined,
      unclean: lock?.unclean ?? false,
      info: async () => ({
        path,
        name: name ?? basename(path),
        demo: demo !== undefined,
        freeBytes: await freeBytesAt(path),
        readOnly,
        notices: [...notices],
      }),
      notice: (text) => {
        notices.push(text);
        options.onNotice();
      },
      close: () => {
        library.close();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}
