import { basename } from "node:path";
import type { RecordingInspection } from "#shared/api/stream-api.ts";
import { log } from "#main/lib/log.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import type { NewRecording } from "./library.ts";

/** Up to here a file is taken for one clip that waits for its label; a longer one is a stream to cut clips from. */
const CLIP_US = 10_000_000;

/** Metadata that says that no camera has seen this, whatever its spelling. */
const saysGenerated = (metadata: Readonly<Record<string, string>>): boolean =>
  ["true", "yes", "1"].includes((metadata["generated"] ?? "").toLowerCase());

/** Whether a sidecar says so; a damaged sidecar is no reason to refuse a good recording. */
async function generatedBy(path: string): Promise<boolean> {
  try {
    return (await readSidecar(path))?.generated === true;
  } catch (error) {
    log("warning", "library", String(error));
    return false;
  }
}

/** What the library takes over from looking at a file. */
export async function recordingFrom(found: RecordingInspection): Promise<NewRecording> {
  const { path, codec, sensor, range, events, on, bytes, metadata } = found;
  return {
    ...{ path, codec, sensor, range, events, on, bytes, metadata },
    name: basename(path),
    generated: saysGenerated(metadata) || (await generatedBy(path)),
    segments: [],
  };
}

/** The whole of a short recording as a clip to be labelled. */
export const wholeClip = ({ range }: Pick<NewRecording, "range">): NewRecording["segments"] =>
  range.end > range.start && range.end - range.start <= CLIP_US
    ? [{ start: range.start, end: range.end, state: "proposed" }]
    : [];
