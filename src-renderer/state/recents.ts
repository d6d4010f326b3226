import type { App } from "./app.svelte.ts";

const KEY = "recent";
const MOST = 8;

type Memory = Pick<App, "remembered" | "remember">;

/** Recordings opened last, newest first; some may be gone, or of another workspace. */
export const recentIds = (app: Memory): readonly string[] => app.remembered(KEY, "").split(" ").filter(Boolean);

/** Remembers that a recording has been opened. */
export function noteRecent(app: Memory, id: string): void {
  const before = recentIds(app);
  if (before[0] === id) return;
  app.remember(KEY, [id, ...before.filter((other) => other !== id)].slice(0, MOST).join(" "));
}
