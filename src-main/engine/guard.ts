import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { DirectoryListing } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";

/** Which files pages may name. */
export interface PathGuard {
  /** The absolute path. @throws AppError `denied` when it lies outside what this host allows. */
  allow(path: string): Promise<string>;
  browse(path: string | undefined): Promise<DirectoryListing>;
}

/** Where the path really lies; of something that is not there yet, where its folder does. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!missing || dirname(path) === path) throw fileError(error, path, "find");
    return join(await realOf(dirname(path)), basename(path));
  }
}

const contains = (root: string, path: string): boolean => {
  const inside = relative(root, path);
  return inside === "" || (!inside.startsWith("..") && !isAbsolute(inside));
};

/**
 * Keeps the pages of a host without a native dialog inside its roots, links included. Where a dialog or a shell names the
 * files (no roots), everything the user can read is allowed.
 * @param own folders that are always allowed: the workspace and the application's data.
 */
export function createGuard(roots: readonly string[], own: () => readonly string[]): PathGuard {
  const allow = async (path: string): Promise<string> => {
    if (typeof path !== "string" || path === "" || path.includes("\0")) {
      throw new AppError("bad-argument", `${JSON.stringify(path)} is no path`);
    }
    const absolute = resolve(path);
    if (roots.length === 0) return absolute;
    const real = await realOf(absolute);
    for (const root of [...roots, ...own()]) if (contains(await realOf(resolve(root)), real)) return absolute;
    throw new AppError("denied", `${path} lies outside the folders that were allowed at start`, {
      hint: `Allowed: ${roots.join(", ")}. Start with another --root to allow more.`,
    });
  };
  return {
    allow,
    browse: async (path) => {
      if (path === undefined) {
        const entries = roots.map((root) => ({ name: root, path: resolve(root), directory: true, bytes: 0 }));
        return { path: "", entries };
      }
      const folder = await allow(path);
      const names = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
        throw fileError(error, folder, "list");
      });
      const visible = names.filter(({ name }) => !name.startsWith("."));
      const entries = await Promise.all(
        visible.map(async ({ name }) => {
          const entry = join(folder, name);
          // A link that leads nowhere is not worth an error: it is left out.
          const info = await stat(entry).catch(() => undefined);
          return info && { name, path: entry, directory: info.isDirectory(), bytes: info.isFile() ? info.size : 0 };
        }),
      );
      const parent = dirname(folder);
      const up = await allow(parent).then(
        () => parent !== folder,
        () => false,
      );
      return {
        path: folder,
        ...(up && { parent }),
        entries: entries
          .filter((entry) => entry !== undefined)
          .toSorted((a, b) => Number(b.directory) - Number(a.directory) || a.name.localeCompare(b.name, "en", { numeric: true })),
      };
    },
  };
}
