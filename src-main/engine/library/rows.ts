import { randomBytes } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { ClassInfo, RecordingInfo, Segment, SegmentState } from "#shared/api/engine-api.ts";

/** Rows as they lie in the tables; keys are column names. */
export type RecordingRow = {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly range_start: number;
  readonly range_end: number;
  readonly events: number;
  readonly on_events: number;
  readonly bytes: number;
  readonly added_at: number;
  readonly metadata: string;
  readonly generated: number;
};
export type ClassRow = {
  readonly id: string;
  readonly name: string;
  readonly key: number;
  readonly color: number;
  readonly position: number;
};
export type SegmentRow = {
  readonly id: string;
  readonly recording_id: string;
  readonly range_start: number;
  readonly range_end: number;
  readonly class_id: string | null;
  readonly subject: string | null;
  readonly condition: string | null;
  readonly author: string | null;
  readonly state: string;
};

/** The tables that edits change, with their columns. */
export const columns = {
  recordings: [
    ...["id", "name", "path", "codec", "width", "height", "range_start", "range_end", "events", "on_events"],
    ...["bytes", "added_at", "metadata", "generated"],
  ],
  classes: ["id", "name", "key", "color", "position"],
  segments: ["id", "recording_id", "range_start", "range_end", "class_id", "subject", "condition", "author", "state"],
} as const;
export type Tables = {
  readonly recordings: RecordingRow;
  readonly classes: ClassRow;
  readonly segments: SegmentRow;
};
export type TableName = keyof Tables;

/** A new name for a row: r… recording, s… segment, c… class. */
export const newId = (prefix: "r" | "s" | "c"): string => prefix + randomBytes(8).toString("hex");

/** A path as the table keeps it: relative, with forward slashes, when it lies in the workspace. */
export function storedPath(workspace: string, path: string): string {
  const inside = relative(workspace, resolve(workspace, path));
  if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) return resolve(path);
  return inside.split(sep).join("/");
}

/** A recording as pages see it. */
export const recordingOf = (row: RecordingRow, workspace: string, missing: boolean): RecordingInfo => ({
  id: row.id,
  name: row.name,
  path: resolve(workspace, row.path),
  codec: row.codec,
  sensor: { width: row.width, height: row.height },
  range: { start: row.range_start, end: row.range_end },
  events: row.events,
  on: row.on_events,
  bytes: row.bytes,
  addedAt: row.added_at,
  metadata: JSON.parse(row.metadata) as Record<string, string>,
  generated: row.generated !== 0,
  missing,
});

/** A class as pages see it. */
export const classOf = ({ id, name, key, color }: ClassRow): ClassInfo => ({ id, name, key, color });

/** A segment as pages see it. */
export const segmentOf = (row: SegmentRow): Segment => ({
  id: row.id,
  recordingId: row.recording_id,
  start: row.range_start,
  end: row.range_end,
  ...(row.class_id !== null && { classId: row.class_id }),
  ...(row.subject !== null && { subject: row.subject }),
  ...(row.condition !== null && { condition: row.condition }),
  ...(row.author !== null && { author: row.author }),
  state: row.state as SegmentState,
});
