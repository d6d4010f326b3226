import type {
  ClassInfo,
  ClipPage,
  ClipQuery,
  EditResult,
  Facets,
  LibraryEdit,
  LibraryState,
  RecordingInfo,
  Segment,
} from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { RecordingInspection } from "#shared/api/stream-api.ts";
import { dailyBackup, openDatabase, LIBRARY_FILE } from "./database.ts";
import { performEdit, type Done } from "./edits.ts";
import { relocateRecording } from "./relocate.ts";
import { rereadRecording } from "./reread.ts";
import { createJournal } from "./journal.ts";
import { formatLabels, labelProblems, parseLabels } from "./labels-csv.ts";
import { clipRows, facetsOf, recordingRows } from "./queries.ts";
import { classOf, newId, recordingOf, segmentOf, storedPath, type ClassRow, type RecordingRow, type SegmentRow } from "./rows.ts";
import { sqlError } from "./sql-error.ts";
import { createStore, createWriter, type Writer } from "./store.ts";

/** What is known of a recording when it comes into the library. */
export type NewRecording = Pick<
  RecordingInspection,
  "path" | "codec" | "sensor" | "range" | "events" | "on" | "bytes" | "metadata"
> & {
  readonly name: string;
  readonly generated: boolean;
  /** Marked or labelled at once. */
  readonly segments: readonly Omit<Segment, "id" | "recordingId">[];
};

/** The index and the labels of one workspace: the only writer of its database. */
export interface Library {
  readonly notices: readonly string[];
  state(): Omit<LibraryState, "revision">;
  recordings(query: { readonly text?: string; readonly offset?: number; readonly limit?: number }): {
    readonly total: number;
    readonly recordings: readonly RecordingInfo[];
  };
  recording(id: string): RecordingInfo;
  /** The recording that is this file. */
  byPath(path: string): RecordingInfo | undefined;
  classes(): readonly ClassInfo[];
  segments(recordingId: string): readonly Segment[];
  segment(id: string): Segment;
  clips(query: ClipQuery): ClipPage;
  facets(query: ClipQuery): Facets;
  edit(edit: LibraryEdit): EditResult;
  undo(): EditResult;
  redo(): EditResult;
  /** Puts recordings into the index; entries of one batch are undone together. Created: recordings, then segments. */
  add(recordings: readonly NewRecording[], label: string, batch?: string): EditResult;
  /** Takes over what looking at a file anew has found: its answers have changed. Labels outside the new span are refused. */
  reread(id: string, found: NewRecording): EditResult;
  /** Gives a batch its final label. */
  renameBatch(batch: string, label: string): void;
  importLabels(recordingId: string, csv: string): EditResult;
  exportLabels(recordingId: string): string;
  /** The file of a recording has become another one with the same events; no edit, and not to be undone. */
  relocate(id: string, place: { readonly path: string; readonly codec: string; readonly bytes: number }): void;
  /** Files that were not there when they were last looked for. */
  setMissing(ids: ReadonlySet<string>): void;
  /** Begins the journal anew: what a demo brought along is not the user's to undo. */
  forgetPast(): void;
  /** Today's copy, unless there is one. */
  backUp(): void;
  close(): void;
}

const nothingTo = (what: string): AppError => new AppError("empty", `There is nothing to ${what}`);

/**
 * Opens the library of a workspace.
 * @param onChange told after every change.
 * @throws AppError `version`, `damaged`, …
 */
export function openLibrary(workspace: string, options: { readonly readOnly: boolean; readonly onChange: () => void }): Library {
  const { db, notices } = openDatabase(workspace, options.readOnly);
  const store = createStore(db);
  const journal = createJournal(store);
  let missing: ReadonlySet<string> = new Set();

  const recordingInfo = (row: RecordingRow): RecordingInfo => recordingOf(row, workspace, missing.has(row.id));
  const mustFind = (id: string): RecordingRow => {
    const row = store.row("recordings", id);
    if (row === undefined) throw new AppError("not-found", `There is no recording ${id} in the library`);
    return row;
  };
  const result = (label: string, created: readonly string[] = []): EditResult => ({
    label,
    created,
    canUndo: journal.undoLabel() !== undefined,
    canRedo: journal.redoLabel() !== undefined,
  });
  /** Failures of SQLite become errors that people can read. */
  const guarded = <R>(work: () => R): R => {
    try {
      return work();
    } catch (error) {
      throw sqlError(error, `${workspace}/${LIBRARY_FILE}`);
    }
  };
  const write = (work: (writer: Writer) => Done, batch?: string): EditResult => {
    if (options.readOnly) {
      throw new AppError("read-only", `The workspace ${workspace} cannot be written to`, {
        hint: "Change the permissions of the folder, or copy the workspace elsewhere.",
      });
    }
    const done = guarded(() =>
      store.transaction(() => {
        const writer = createWriter(store);
        const outcome = work(writer);
        journal.add(outcome.label, writer.changes, batch);
        return outcome;
      }),
    );
    options.onChange();
    return result(done.label, done.created);
  };
  const goBack = (step: () => string | undefined, what: "undo" | "redo"): EditResult => {
    const label = guarded(step);
    if (label === undefined) throw nothingTo(what);
    options.onChange();
    return result(`${what === "undo" ? "Undone" : "Done again"}: ${label}`);
  };

  const library: Library = {
    notices,
    state: () => {
      const [undoLabel, redoLabel] = [journal.undoLabel(), journal.redoLabel()];
      return {
        canUndo: undoLabel !== undefined,
        canRedo: redoLabel !== undefined,
        ...(undoLabel !== undefined && { undoLabel }),
        ...(redoLabel !== undefined && { redoLabel }),
      };
    },
    recordings: (query) => {
      const { total, rows } = guarded(() => recordingRows(store, query));
      return { total, recordings: rows.map(recordingInfo) };
    },
    recording: (id) => recordingInfo(guarded(() => mustFind(id))),
    byPath: (path) => {
      const row = store.one<RecordingRow>("SELECT * FROM recordings WHERE path = ?", storedPath(workspace, path));
      return row === undefined ? undefined : recordingInfo(row);
    },
    classes: () => store.all<ClassRow>("SELECT * FROM classes ORDER BY position").map(classOf),
    segments: (recordingId) =>
      store.all<SegmentRow>("SELECT * FROM segments WHERE recording_id = ? ORDER BY range_start, id", recordingId).map(segmentOf),
    segment: (id) => {
      const row = store.row("segments", id);
      if (row === undefined) throw new AppError("not-found", `There is no clip ${id} in the library`);
      return segmentOf(row);
    },
    clips: (query) => {
      const { total, rows } = guarded(() => clipRows(store, query));
      const recordings = new Map<string, RecordingInfo>();
      const recordingFor = (id: string): RecordingInfo => {
        let recording = recordings.get(id);
        if (recording === undefined) recordings.set(id, (recording = recordingInfo(mustFind(id))));
        return recording;
      };
      return { total, clips: rows.map((row) => ({ ...segmentOf(row), recording: recordingFor(row.recording_id) })) };
    },
    facets: (query) => guarded(() => facetsOf(store, query)),
    edit: (edit) => write((writer) => performEdit(store, writer, edit)),
    undo: () => goBack(() => journal.undo(), "undo"),
    redo: () => goBack(() => journal.redo(), "redo"),
    add: (recordings, label, batch) =>
      write((writer) => {
        const now = Date.now();
        const created: string[] = [];
        const segments: string[] = [];
        for (const recording of recordings) {
          const id = newId("r");
          writer.insert("recordings", {
            id,
            name: recording.name,
            path: storedPath(workspace, recording.path),
            codec: recording.codec,
            width: recording.sensor.width,
            height: recording.sensor.height,
            range_start: recording.range.start,
            range_end: recording.range.end,
            events: recording.events,
            on_events: recording.on,
            bytes: recording.bytes,
            added_at: now,
            metadata: JSON.stringify(recording.metadata),
            generated: recording.generated ? 1 : 0,
          });
          created.push(id);
          for (const segment of recording.segments) {
            const done = performEdit(store, writer, { kind: "add-segment", segment: { ...segment, recordingId: id } });
            segments.push(...done.created);
          }
        }
        return { label, created: [...created, ...segments] };
      }, batch),
    reread: (id, found) => write((writer) => rereadRecording(store, writer, mustFind(id), found)),
    relocate: (id, { path, codec, bytes }) => {
      guarded(() => relocateRecording(store, mustFind(id), { path: storedPath(workspace, path), codec, bytes }));
      options.onChange();
    },
    renameBatch: (batch, label) => {
      guarded(() => journal.rename(batch, label));
      options.onChange();
    },
    importLabels: (recordingId, csv) => {
      const recording = mustFind(recordingId);
      const lines = parseLabels(csv);
      const outside = lines.filter(({ start, end }) => start < recording.range_start || end > recording.range_end);
      if (outside.length > 0) {
        throw labelProblems(
          outside.map(
            ({ line, start, end }) =>
              `line ${line}: ${start} to ${end} lies outside the recording (${recording.range_start} to ${recording.range_end})`,
          ),
        );
      }
      return write((writer) => {
        const created: string[] = [];
        const known = new Map(library.classes().map((entry) => [entry.name.toLowerCase(), entry.id]));
        const present = library.segments(recordingId);
        // What stood for "this whole file, not looked at yet" is settled by real labels.
        for (const segment of present) {
          const whole = segment.start === recording.range_start && segment.end === recording.range_end;
          if (whole && segment.classId === undefined) performEdit(store, writer, { kind: "remove-segment", id: segment.id });
        }
        for (const label of lines) {
          let classId = known.get(label.class.toLowerCase());
          if (classId === undefined) {
            classId = performEdit(store, writer, { kind: "add-class", name: label.class }).created[0] ?? "";
            known.set(label.class.toLowerCase(), classId);
          }
          const twin = present.some(
            (segment) => segment.start === label.start && segment.end === label.end && segment.classId === classId,
          );
          if (twin) continue; // the same file read twice changes nothing
          const { start, end, subject, condition } = label;
          const segment = {
            ...{ recordingId, start, end, classId, state: "labelled" as const },
            ...(subject !== undefined && { subject }),
            ...(condition !== undefined && { condition }),
          };
          created.push(...performEdit(store, writer, { kind: "add-segment", segment }).created);
        }
        return { label: `Read ${created.length === 1 ? "1 label" : `${created.length} labels`} for ${recording.name}`, created };
      });
    },
    exportLabels: (recordingId) => {
      mustFind(recordingId);
      const names = new Map(library.classes().map((entry) => [entry.id, entry.name]));
      return formatLabels(
        library.segments(recordingId).flatMap(({ classId, start, end, subject, condition }) => {
          const name = classId === undefined ? undefined : names.get(classId);
          if (name === undefined) return [];
          return [
            { start, end, class: name, ...(subject !== undefined && { subject }), ...(condition !== undefined && { condition }) },
          ];
        }),
      );
    },
    setMissing: (ids) => {
      const same = ids.size === missing.size && [...ids].every((id) => missing.has(id));
      missing = ids;
      if (!same) options.onChange();
    },
    forgetPast: () => {
      guarded(() => store.run("DELETE FROM journal"));
      options.onChange();
    },
    backUp: () => {
      if (!options.readOnly) guarded(() => dailyBackup(db, workspace));
    },
    close: () => {
      if (db.isOpen) db.close();
    },
  };
  return library;
}
