import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { EngineApi, RecordingInfo } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { command } from "../command.ts";

/** So many recordings are asked for at once. */
const PAGE = 500;

async function findByPath(engine: EngineApi, path: string): Promise<RecordingInfo | undefined> {
  for (let offset = 0; ; offset += PAGE) {
    const { recordings, total } = await engine.library.recordings({ offset, limit: PAGE });
    const found = recordings.find((recording) => recording.path === path);
    if (found !== undefined || recordings.length === 0 || offset + PAGE >= total) return found;
  }
}

/** The recording of that path, put into the library when it is not there. */
async function recordingOf(engine: EngineApi, file: string): Promise<RecordingInfo> {
  const path = resolve(file);
  const known = await findByPath(engine, path);
  if (known !== undefined) return known;
  for await (const step of engine.library.add([path])) if (step.kind === "done") break;
  const added = await findByPath(engine, path);
  if (added === undefined) throw new AppError("not-found", `${path} could not be put into the library`);
  return added;
}

export const label = command({
  path: ["label"],
  summary: "Puts labels onto a recording from a table start_us,end_us,class[,subject,condition].",
  details: ["The recording is added to the library of the workspace when it is not there yet; the file stays where it is."],
  positionals: [{ name: "FILE", summary: "A recording" }],
  options: {
    segments: {
      param: { type: "path", default: "", label: "CSV file with the segments" },
      value: "SEGMENTS.csv",
      optional: true,
    },
  },
  output: "{recording, label, segments}",
  run: async ({ out, engine }, [file = ""], { segments }) => {
    if (segments === undefined)
      throw new AppError("bad-argument", "No table of labels was named", { hint: "Add --segments SEGMENTS.csv." });
    const csv = await readFile(segments, "utf8").catch((error: unknown) => {
      throw fileError(error, segments, "read");
    });
    const api = await engine();
    const recording = await recordingOf(api, file);
    const result = await api.library.importLabels(recording.id, csv);
    const count = (await api.library.segments(recording.id)).length;
    await out.data({ recording: recording.id, label: result.label, segments: count });
    await out.text(`${recording.name}: ${result.label}; it has ${count} segments now`);
  },
});

export const labelsExport = command({
  path: ["labels", "export"],
  summary: "Writes the labels of a recording as a table start_us,end_us,class,subject,condition.",
  positionals: [{ name: "FILE", summary: "A recording of the library" }],
  options: {
    out: { param: { type: "path", default: "", label: "File to write (default: stdout)" }, value: "FILE.csv", optional: true },
  },
  output: "{recording, csv}",
  run: async ({ out, engine }, [file = ""], { out: target }) => {
    const api = await engine();
    const path = resolve(file);
    const recording = await findByPath(api, path);
    if (recording === undefined)
      throw new AppError("not-found", `${path} is not in the library of this workspace`, { hint: "saccade label adds it." });
    const csv = await api.library.exportLabels(recording.id);
    if (target !== undefined) await writeAtomic(target, csv);
    await out.data({ recording: recording.id, csv });
    if (!out.json && target === undefined) await out.write(csv.endsWith("\n") ? csv : `${csv}\n`);
  },
});
