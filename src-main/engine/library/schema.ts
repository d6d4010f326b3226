/*
 * The tables, as a list of steps that only grows: step n leads from version n to n + 1 (`user_version`). What has been
 * released is never changed, a newer step repairs it. Times of recordings and segments are µs, moments are ms since 1970.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,        -- relative to the workspace when inside it, so that a workspace can be moved
    codec TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    range_start INTEGER NOT NULL,
    range_end INTEGER NOT NULL,
    events INTEGER NOT NULL,
    on_events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    metadata TEXT NOT NULL,           -- JSON
    generated INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX recordings_by_age ON recordings (added_at, name, id);

  CREATE TABLE classes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    key INTEGER NOT NULL,
    color INTEGER NOT NULL,
    position INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    recording_id TEXT NOT NULL REFERENCES recordings (id) DEFERRABLE INITIALLY DEFERRED,
    range_start INTEGER NOT NULL,
    range_end INTEGER NOT NULL,
    class_id TEXT REFERENCES classes (id) DEFERRABLE INITIALLY DEFERRED,
    subject TEXT,
    condition TEXT,
    author TEXT,
    state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX segments_by_recording ON segments (recording_id, range_start, id);
  CREATE INDEX segments_by_class ON segments (class_id, state);
  CREATE INDEX segments_by_subject ON segments (subject);

  -- Every edit with both of its directions. What has been undone stays until another edit takes its place.
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    label TEXT NOT NULL,
    batch TEXT,                       -- entries of one batch are undone together
    changes TEXT NOT NULL,            -- JSON: rows before and after
    undone INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX journal_by_state ON journal (undone, seq);
  `,
];
