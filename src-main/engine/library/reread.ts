import { AppError } from "#shared/api/errors.ts";
import { performEdit, type Done } from "./edits.ts";
import type { NewRecording } from "./library.ts";
import type { RecordingRow, SegmentRow } from "./rows.ts";
import type { Store, Writer } from "./store.ts";

/**
 * A recording that is understood otherwise than before: another unit of time, another order of columns, another sensor.
 * What stood for the whole file, not looked at yet, is made anew; labels that people gave have to lie in the new span.
 * @throws AppError `bad-argument` naming the labels that would be lost.
 */
export function rereadRecording(store: Store, writer: Writer, row: RecordingRow, found: NewRecording): Done {
  const own = store.all<SegmentRow>("SELECT * FROM segments WHERE recording_id = ?", row.id);
  const isWhole = (segment: SegmentRow): boolean =>
    segment.class_id === null && segment.range_start === row.range_start && segment.range_end === row.range_end;
  const lost = own.filter(
    (segment) => !isWhole(segment) && (segment.range_start < found.range.start || segment.range_end > found.range.end),
  );
  if (lost.length > 0) {
    throw new AppError("bad-argument", `${lost.length} clips of ${row.name} would lie outside its new time span`, {
      hint: "Remove or export these labels first, then answer again.",
    });
  }
  for (const segment of own.filter(isWhole)) performEdit(store, writer, { kind: "remove-segment", id: segment.id });
  writer.update("recordings", row.id, {
    codec: found.codec,
    width: found.sensor.width,
    height: found.sensor.height,
    range_start: found.range.start,
    range_end: found.range.end,
    events: found.events,
    on_events: found.on,
    bytes: found.bytes,
    metadata: JSON.stringify(found.metadata),
  });
  const created = found.segments.flatMap(
    (segment) => performEdit(store, writer, { kind: "add-segment", segment: { ...segment, recordingId: row.id } }).created,
  );
  return { label: `Read ${row.name} anew`, created };
}
