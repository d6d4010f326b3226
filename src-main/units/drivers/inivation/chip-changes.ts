import type { Write } from "./registers.ts";
import { differences } from "./registers.ts";
import type { ChipSetting } from "./s5k231y.ts";

/** What to write so that `previous` becomes `next`: of each group what differs, between its brackets. */
export const chipChanges = (next: readonly ChipSetting[], previous: readonly ChipSetting[]): readonly Write[] =>
  next.flatMap(({ writes, before = [], after = [] }, i) => {
    const changed = differences(writes, previous[i]?.writes ?? []);
    return changed.length === 0 ? [] : [...before, ...changed, ...after];
  });
