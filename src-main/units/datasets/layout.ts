import type { FoundDataset } from "#shared/api/stream-api.ts";
import type { Unit } from "#shared/units/unit.ts";

/** Knowledge about how one kind of data set lies in folders. */
export interface DatasetLayout extends Unit {
  /** Cheap look at a folder: does it lie like this? Higher is surer, 0 is no. */
  probe(root: string): Promise<number>;
  /** Walks it. @throws AppError naming the folder, what was expected and what was found. */
  read(root: string, signal?: AbortSignal): Promise<FoundDataset>;
}
