import type { Segment } from "#shared/api/engine-api.ts";

/** The next segment without a class after a time; from the start again when there is none later. */
export function nextUnlabelled(segments: readonly Segment[], after: number, except?: string): Segment | undefined {
  const open = segments
    .filter((segment) => segment.classId === undefined && segment.id !== except)
    .sort((a, b) => a.start - b.start);
  return open.find((segment) => segment.start > after) ?? open[0];
}

/** Adds a choice to a list or takes it away: what Ctrl with a click does. */
export const toggled = <T>(list: readonly T[], item: T): readonly T[] =>
  list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
