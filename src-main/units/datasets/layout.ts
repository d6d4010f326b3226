import type { FoundDataset } from "#shared/api/stream-api.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { FolderLook } from "./look.ts";

/** Knowledge about how one kind of data set lies in folders. */
export interface DatasetLayout extends Unit {
  /** Does what a first look shows lie like this? Higher is surer, 0 is no; a set known by name is 0.85 or more. */
  probe(look: FolderLook): number;
  /** Walks it. @throws AppError naming the folder, what was expected and what was found. */
  read(root: string, signal?: AbortSignal): Promise<FoundDataset>;
}
