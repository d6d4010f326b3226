import type { LibraryEdit, Segment, SegmentPatch, SegmentState } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { formatClock, formatSpan } from "#shared/events/time.ts";
import { newId, type ClassRow, type RecordingRow, type SegmentRow } from "./rows.ts";
import type { Store, Writer } from "./store.ts";

/*
 * Every edit of the library: checks it, carries it out through the writer (which remembers both directions), and says in
 * one line what was done. Each function answers with that line and with the ids that came into being.
 */
export type Done = { readonly label: string; readonly created: readonly string[] };

/** Colours of the palette; a ninth class begins again. */
const COLORS = 8;
/** In the order in which they lie on the keyboard. */
const KEYS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0];
/** A class beyond the tenth has no key. */
const NO_KEY = -1;
const STATES: readonly SegmentState[] = ["labelled", "proposed", "unsure"];

const bad = (message: string, hint?: string): AppError =>
  new AppError("bad-argument", message, hint === undefined ? {} : { hint });

function must<R>(row: R | undefined, what: string, id: string): R {
  if (row !== undefined) return row;
  throw new AppError("not-found", `There is no ${what} ${id} in the library`, {
    hint: "It may have been removed; undo brings it back.",
  });
}
const recordingRow = (store: Store, id: string): RecordingRow => must(store.row("recordings", id), "recording", id);
const classRow = (store: Store, id: string): ClassRow => must(store.row("classes", id), "class", id);
const segmentRow = (store: Store, id: string): SegmentRow => must(store.row("segments", id), "clip", id);

const spanOf = (row: SegmentRow): string => formatSpan(row.range_end - row.range_start);

/** A name without blanks around it. */
function nameOf(name: string, what: string): string {
  const trimmed = typeof name === "string" ? name.trim() : "";
  if (trimmed === "") throw bad(`The name of a ${what} is empty`, "Type at least one letter.");
  if (trimmed.length > 200) throw bad(`The name of a ${what} has ${trimmed.length} letters`, "Use at most 200.");
  return trimmed;
}

function checkRange(row: SegmentRow, recording: RecordingRow): void {
  const { range_start: start, range_end: end } = row;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || end <= start) {
    throw bad(`A clip from ${start} to ${end} µs has no length`, "The end has to lie after the start.");
  }
  if (start < recording.range_start || end > recording.range_end) {
    throw bad(
      `A clip from ${formatClock(start)} to ${formatClock(end)} lies outside ${recording.name}`,
      `The recording lasts from ${formatClock(recording.range_start)} to ${formatClock(recording.range_end)}.`,
    );
  }
}

function checkState(state: string): void {
  if (!STATES.some((known) => known === state)) throw bad(`"${state}" is no state of a clip`, `Known: ${STATES.join(", ")}.`);
}

/** Blank text is no text. */
const textOrNull = (text: string | null | undefined): string | null =>
  text === undefined || text === null || text.trim() === "" ? null : text.trim();

function addSegment(store: Store, writer: Writer, segment: Omit<Segment, "id"> & { readonly id?: string }): Done {
  const recording = recordingRow(store, segment.recordingId);
  const row: SegmentRow = {
    id: segment.id ?? newId("s"),
    recording_id: recording.id,
    range_start: segment.start,
    range_end: segment.end,
    class_id: segment.classId ?? null,
    subject: textOrNull(segment.subject),
    condition: textOrNull(segment.condition),
    author: textOrNull(segment.author),
    state: segment.state,
  };
  checkState(row.state);
  checkRange(row, recording);
  if (store.row("segments", row.id) !== undefined) throw new AppError("exists", `There is a clip ${row.id} already`);
  const label =
    row.class_id === null ? `Marked ${spanOf(row)}` : `Labelled ${spanOf(row)} as ${classRow(store, row.class_id).name}`;
  writer.insert("segments", row);
  return { label, created: [row.id] };
}

function describePatch(store: Store, before: SegmentRow, after: SegmentRow, patch: SegmentPatch): string {
  const span = spanOf(after);
  if (patch.classId !== undefined && after.class_id !== before.class_id) {
    return after.class_id === null ? `Took the label off ${span}` : `Labelled ${span} as ${classRow(store, after.class_id).name}`;
  }
  if (patch.start !== undefined || patch.end !== undefined) return `Moved the edges of a clip to ${span}`;
  if (patch.state !== undefined && after.state !== before.state) {
    const words = { labelled: "Accepted", proposed: "Proposed", unsure: "Marked as unsure:" } as const;
    return `${words[after.state as SegmentState]} a clip of ${span}`;
  }
  if (patch.subject !== undefined) return after.subject === null ? "Cleared the subject" : `Set the subject to ${after.subject}`;
  if (patch.condition !== undefined)
    return after.condition === null ? "Cleared the condition" : `Set the condition to ${after.condition}`;
  return `Confirmed a clip of ${span}`;
}

function updateSegment(store: Store, writer: Writer, id: string, patch: SegmentPatch): Done {
  const before = segmentRow(store, id);
  const { classId, subject, condition } = patch;
  const after: SegmentRow = {
    ...before,
    range_start: patch.start ?? before.range_start,
    range_end: patch.end ?? before.range_end,
    class_id: classId === undefined ? before.class_id : classId === null ? null : classRow(store, classId).id,
    subject: subject === undefined ? before.subject : textOrNull(subject),
    condition: condition === undefined ? before.condition : textOrNull(condition),
    // A label given by hand settles what was proposed or unsure.
    state: patch.state ?? (typeof classId === "string" ? "labelled" : before.state),
  };
  checkState(after.state);
  checkRange(after, recordingRow(store, before.recording_id));
  writer.update("segments", id, after);
  return { label: describePatch(store, before, after, patch), created: [] };
}

function removeSegment(store: Store, writer: Writer, id: string): Done {
  const row = segmentRow(store, id);
  writer.remove("segments", id);
  return { label: `Removed a clip of ${spanOf(row)}`, created: [] };
}

const allClasses = (store: Store): ClassRow[] => store.all("SELECT * FROM classes ORDER BY position");

function freeName(store: Store, name: string, except?: string): string {
  const trimmed = nameOf(name, "class");
  const twin = store.one<ClassRow>("SELECT * FROM classes WHERE name = ?", trimmed);
  if (twin === undefined || twin.id === except) return trimmed;
  throw new AppError("exists", `There is a class ${twin.name} already`, { hint: "Choose another name." });
}

function checkKey(key: number): void {
  if (!KEYS.includes(key) && key !== NO_KEY) throw bad(`${key} is no key for a class`, "Use 1 to 9 or 0.");
}

/** A key belongs to one class: whoever had it gets what the other gives up. */
function swapKey(store: Store, writer: Writer, id: string, wanted: number, given: number): void {
  checkKey(wanted);
  const holder =
    wanted === NO_KEY ? undefined : store.one<ClassRow>("SELECT * FROM classes WHERE key = ? AND id <> ?", wanted, id);
  if (holder !== undefined) writer.update("classes", holder.id, { key: given });
}

function addClass(store: Store, writer: Writer, name: string, key: number | undefined): Done {
  const others = allClasses(store);
  const free = KEYS.find((candidate) => others.every((other) => other.key !== candidate)) ?? NO_KEY;
  const uses = Array.from({ length: COLORS }, (_, color) => others.filter((other) => other.color === color).length);
  const row: ClassRow = {
    id: newId("c"),
    name: freeName(store, name),
    key: key ?? free,
    color: uses.indexOf(Math.min(...uses)),
    position: (others.at(-1)?.position ?? 0) + 1,
  };
  swapKey(store, writer, row.id, row.key, free);
  writer.insert("classes", row);
  return { label: `Added class ${row.name}`, created: [row.id] };
}

function updateClass(
  store: Store,
  writer: Writer,
  id: string,
  patch: { readonly name?: string; readonly key?: number; readonly color?: number },
): Done {
  const before = classRow(store, id);
  const { key = before.key, color = before.color } = patch;
  if (!Number.isInteger(color) || color < 0 || color >= COLORS)
    throw bad(`There is no colour ${color}`, `Use 0 to ${COLORS - 1}.`);
  const name = patch.name === undefined ? before.name : freeName(store, patch.name, id);
  if (key !== before.key) swapKey(store, writer, id, key, before.key);
  writer.update("classes", id, { name, key, color });
  if (name !== before.name) return { label: `Renamed class ${before.name} to ${name}`, created: [] };
  if (key !== before.key)
    return { label: key === NO_KEY ? `Took the key off ${name}` : `Gave ${name} the key ${key}`, created: [] };
  return { label: `Changed the color of ${name}`, created: [] };
}

function removeClass(store: Store, writer: Writer, id: string): Done {
  const { name } = classRow(store, id);
  const segments = store.all<SegmentRow>("SELECT * FROM segments WHERE class_id = ?", id);
  for (const segment of segments) writer.update("segments", segment.id, { class_id: null });
  writer.remove("classes", id);
  const clips = segments.length === 1 ? "1 clip" : `${segments.length} clips`;
  return {
    label: segments.length === 0 ? `Removed class ${name}` : `Removed class ${name} and its label from ${clips}`,
    created: [],
  };
}

function renameRecording(store: Store, writer: Writer, id: string, name: string): Done {
  const before = recordingRow(store, id);
  const after = nameOf(name, "recording");
  writer.update("recordings", id, { name: after });
  return { label: `Renamed ${before.name} to ${after}`, created: [] };
}

function removeRecording(store: Store, writer: Writer, id: string): Done {
  const { name } = recordingRow(store, id);
  for (const segment of store.all<SegmentRow>("SELECT * FROM segments WHERE recording_id = ?", id))
    writer.remove("segments", segment.id);
  writer.remove("recordings", id);
  return { label: `Took ${name} out of the library; the file stays`, created: [] };
}

/** Carries out one edit. @throws AppError, and then the caller's transaction undoes what was begun. */
export function performEdit(store: Store, writer: Writer, edit: LibraryEdit): Done {
  switch (edit.kind) {
    case "add-segment":
      return addSegment(store, writer, edit.segment);
    case "update-segment":
      return updateSegment(store, writer, edit.id, edit.patch);
    case "remove-segment":
      return removeSegment(store, writer, edit.id);
    case "add-class":
      return addClass(store, writer, edit.name, edit.key);
    case "update-class":
      return updateClass(store, writer, edit.id, edit.patch);
    case "remove-class":
      return removeClass(store, writer, edit.id);
    case "rename-recording":
      return renameRecording(store, writer, edit.id, edit.name);
    case "remove-recording":
      return removeRecording(store, writer, edit.id);
    case "many":
      return { label: edit.label, created: edit.edits.flatMap((part) => performEdit(store, writer, part).created) };
    default:
      throw bad(`"${String((edit as { kind?: unknown }).kind)}" is no edit of the library`);
  }
}
