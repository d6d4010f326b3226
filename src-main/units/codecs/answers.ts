import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { readingParams, type Answers } from "./reading.ts";

/*
 * What the user has said about files that leave something open (sensor size, column order, unit of time) is remembered per path:
 * one small JSON file each, so that several workers can write without losing each other's. Set once when a worker starts.
 */

let folder: string | undefined;

/** Where answers lie; `undefined` remembers nothing. */
export function rememberIn(path: string | undefined): void {
  folder = path;
}

const place = (root: string, path: string): string =>
  join(root, `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.json`);

/** Checked answers: only the names that were given. @throws AppError `bad-parameter`. */
export function checkAnswers(raw: RawParams, owner: string): Answers {
  const complete = parseParams(readingParams, raw, owner);
  return Object.fromEntries(Object.entries(complete).filter(([name]) => raw[name] !== undefined));
}

/** What was said about this file before. @throws AppError `damaged` when the note cannot be read. */
export async function rememberedAnswers(file: string): Promise<Answers> {
  if (folder === undefined) return {};
  const path = resolve(file);
  const note = place(folder, path);
  let text: string;
  try {
    text = await readFile(note, "utf8");
  } catch (error) {
    const failure = fileError(error, note, "read");
    if (failure.code === "not-found") return {};
    throw failure;
  }
  try {
    const known = JSON.parse(text) as { readonly answers: RawParams };
    return checkAnswers(known.answers, path);
  } catch (cause) {
    throw new AppError("damaged", `What was answered about ${path} cannot be read from ${note}`, {
      hint: "Remove that file and answer again.",
      cause,
    });
  }
}

/** Remembers answers about this file in place of earlier ones; none at all forgets them. */
export async function rememberAnswers(file: string, raw: RawParams): Promise<void> {
  if (folder === undefined) throw new AppError("unsupported", "There is no place to remember answers in");
  const path = resolve(file);
  const answers = checkAnswers(raw, path);
  const note = place(folder, path);
  try {
    await mkdir(folder, { recursive: true });
    if (Object.keys(answers).length === 0) await rm(note, { force: true });
    else await writeAtomic(note, `${JSON.stringify({ path, answers }, undefined, 2)}\n`);
  } catch (error) {
    throw fileError(error, note, "write");
  }
}
