import { randomUUID } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenQuestion, Progress } from "#shared/api/engine-api.ts";
import { AppError, toAppError } from "#shared/api/errors.ts";
import type { Guess, RecordingInspection } from "#shared/api/stream-api.ts";
import { fileError } from "#main/lib/files.ts";
import { recordingFrom, wholeClip } from "./from-inspection.ts";
import type { Library, NewRecording } from "./library.ts";

/** So many recordings are written at once: a crash loses at most these, and a flush for each would take minutes. */
const BATCH = 100;
/** Files that are never recordings; looking into each would only be slow. Text may be one: its content decides. */
const SKIPPED = /(^\.)|\.(json|md|png|jpe?g|gif|mp4|avi|zip|gz|tar|py|ipynb|part|tmp_index|labels\.csv)$/i;
/** As many names as fit into a line. */
const NAMED = 3;

/** All files in a folder and below, in the order of their names. */
async function* walk(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, folder, "list");
  });
  for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile() && !SKIPPED.test(entry.name)) yield path;
  }
}

async function filesOf(paths: readonly string[]): Promise<{ readonly path: string; readonly named: boolean }[]> {
  const files: { path: string; named: boolean }[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error: unknown) => {
      throw fileError(error, path, "add");
    });
    if (!info.isDirectory()) files.push({ path, named: true });
    else for await (const file of walk(path)) files.push({ path: file, named: false });
  }
  return files;
}

const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * Adds recordings to the library: files, or folders walked for readable files. What cannot be read is told at the end and
 * keeps nothing else from being added.
 * @throws AppError when nothing at all could be added and something went wrong.
 */
export async function* addRecordings(
  library: Library,
  paths: readonly string[],
  inspect: (path: string) => Promise<RecordingInspection>,
  signal?: AbortSignal,
): AsyncGenerator<Progress, void, undefined> {
  const files = await filesOf(paths);
  const batch = randomUUID();
  const ids: string[] = [];
  const problems: AppError[] = [];
  const guessed = new Map<string, readonly Guess[]>();
  let waiting: NewRecording[] = [];
  let known = 0;
  let added = 0;
  const write = (): void => {
    if (waiting.length === 0) return;
    const { created } = library.add(waiting, `Added ${countOf(waiting.length, "recording")}`, batch);
    ids.push(...created.slice(0, waiting.length));
    added += waiting.length;
    waiting = [];
  };
  try {
    for (const [index, { path, named }] of files.entries()) {
      if (signal?.aborted === true) break;
      yield { kind: "progress", done: index, total: files.length, text: path };
      const twin = library.byPath(path);
      if (twin !== undefined) {
        known += 1;
        if (named) ids.push(twin.id); // whoever names a file wants it in the library, and it is
        continue;
      }
      try {
        const found = await inspect(path);
        const recording = await recordingFrom(found);
        const unsure = found.guesses.filter(({ sure }) => !sure);
        if (unsure.length > 0) guessed.set(path, unsure);
        waiting.push({ ...recording, segments: wholeClip(recording) });
      } catch (error) {
        const problem = toAppError(error);
        // In a folder, a file of another kind is not a mistake.
        if (named || problem.code !== "unknown-format") problems.push(problem);
      }
      if (waiting.length >= BATCH) write();
    }
  } finally {
    write(); // also when the caller leaves: what has been looked at is kept
    if (added > 0) library.renameBatch(batch, `Added ${countOf(added, "recording")}`);
  }
  const [first] = problems;
  if (added === 0 && known === 0) {
    if (first !== undefined) throw first;
    throw new AppError("empty", `There is no recording in ${paths.join(", ")}`, {
      hint: "Choose files or folders with event recordings.",
    });
  }
  const failed = problems.slice(0, NAMED).map(({ message }) => message);
  const text = [
    `Added ${countOf(added, "recording")}`,
    ...(known > 0 ? [`${countOf(known, "recording")} ${known === 1 ? "was" : "were"} there already`] : []),
    ...(problems.length > 0 ? [`${countOf(problems.length, "file")} could not be read: ${failed.join("; ")}`] : []),
  ].join(". ");
  const questions = ids.flatMap((id): OpenQuestion[] => {
    const { path } = library.recording(id);
    const guesses = guessed.get(path);
    return guesses === undefined ? [] : [{ id, path, guesses }];
  });
  yield { kind: "done", text, ids, ...(questions.length === 0 ? {} : { questions }) };
}
