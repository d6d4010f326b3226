import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { resolvePath } from "./groups.ts";
import { treeOf } from "./library.ts";
import { rootOf } from "./superblock.ts";

/** Lists that only the vendor's files have. */
const PATHS = ["CD/events", "EXT_TRIGGER/events"];

/** Whether a file has the camera vendor's groups. The library is only asked where the file has newer structures. */
export async function hasVendorGroups(file: ByteSource): Promise<boolean> {
  const root = await rootOf(file);
  try {
    for (const path of PATHS) if ((await resolvePath(file, root, path)) !== undefined) return true;
    return false;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "unsupported") throw error;
    const { datasets } = await treeOf(file);
    return datasets.some(({ path }) => PATHS.includes(path.slice(1)));
  }
}
