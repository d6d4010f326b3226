import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { AppError, toAppError } from "#shared/api/errors.ts";
import type { SettleProgress } from "#shared/api/stream-api.ts";
import { findUnit } from "#shared/units/unit.ts";
import { log } from "#main/lib/log.ts";
import { readSidecar, sidecarPath, writeSidecar, type Sidecar } from "#main/lib/sidecar.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { convertRecording } from "./convert.ts";

/** Behind the name of a file that would have its final name before its final content. */
const GROWING = ".wire";
/** Behind the name of a file that has not been read yet to see whether it is whole; `removeParts` knows it. */
const FRESH = ".000000000000.part";
/** Of the time it takes, writing has this share; reading what was written has the rest. */
const WRITING = 0.7;

const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;

/** Half-written files of an attempt that was broken off: `replaceFile` names them after their goal. */
async function removeParts(target: string): Promise<void> {
  const folder = dirname(target);
  const parts = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(target)}.`) && /\.[0-9a-f]{12}\.part$/.test(name),
  );
  for (const part of parts) await rm(join(folder, part), { force: true });
}

/** What a recording is called until it is rewritten; `goal` is what was asked for. */
export const growingPath = (goal: string, extension: string): string =>
  extname(goal).toLowerCase() === extension ? `${goal}${GROWING}` : goal;

/** The name for the finished file; whether it is finished already by an attempt that could not clear up. */
async function targetOf(path: string, extension: string, sidecar: Sidecar): Promise<{ target: string; finished: boolean }> {
  const named = path.endsWith(GROWING) ? path.slice(0, -GROWING.length) : path;
  const stem = named.slice(0, named.length - extname(named).length);
  for (let number = 1; ; number += 1) {
    const target = `${stem}${number === 1 ? "" : ` (${number})`}${extension}`;
    const known = await readSidecar(target).catch(() => undefined);
    const own = known?.startedAt === sidecar.startedAt && known.state === "closed";
    const size = await sizeOf(target);
    if (size === undefined || own) return { target, finished: own && size !== undefined };
  }
}

/** Reads the new file once: it has to hold as many events as were put into it. @throws AppError `damaged` */
async function verify(path: string, events: number, signal: AbortSignal): Promise<void> {
  const { recording } = await openRecording(path);
  let found = 0;
  try {
    for await (const { words } of recording.read({ signal })) found += words.length >>> 1;
    const [damage] = recording.report().damage;
    if (found === events && damage === undefined) return;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await recording.close();
  }
  if (signal.aborted) throw new AppError("aborted", `Checking ${path} was interrupted`);
  throw new AppError("damaged", `${path} holds ${found} events after it was written instead of ${events}`, {
    hint: "What the camera sent is kept; the disk may be failing.",
  });
}

/**
 * Rewrites a recording of a camera's bytes in the format that it is meant for, beside it and under the extension of that format, and
 * takes the bytes away once the new file has been read and is whole. It may be interrupted anywhere and done again. Other recordings
 * are left as they are.
 * @throws AppError; the bytes stay what they were.
 */
export async function* settleTake(path: string, signal = new AbortController().signal): AsyncGenerator<SettleProgress> {
  const sidecar = await readSidecar(path);
  const codec = sidecar?.becomes === undefined ? undefined : findUnit("codec", codecs, sidecar.becomes);
  if (sidecar === undefined || codec === undefined) {
    yield { kind: "done", path, bytes: (await sizeOf(path)) ?? 0 };
    return;
  }
  const { target, finished } = await targetOf(path, codec.extensions[0] ?? extname(path), sidecar);
  if (!finished) {
    await removeParts(target);
    const { becomes: _, ...rest } = sidecar;
    const fresh = `${target}${FRESH}`;
    try {
      for await (const step of convertRecording({ input: path, output: fresh, codec: codec.id }, signal)) {
        if (step.kind === "progress") {
          yield { kind: "progress", fraction: step.fraction * WRITING };
          continue;
        }
        yield { kind: "progress", fraction: WRITING };
        await verify(fresh, step.events, signal);
        // Written before the file has its name: a file that is there is known for what it is.
        const { events, bytes } = step;
        await writeSidecar(target, { ...rest, state: "closed", codec: codec.id, madeFrom: basename(path), events, bytes });
        await rename(fresh, target);
      }
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  }
  await rm(path, { force: true });
  await rm(sidecarPath(path), { force: true });
  yield { kind: "done", path: target, bytes: (await sizeOf(target)) ?? 0 };
}

/** Where a recording lies after it has been rewritten; what cannot be rewritten stays what it is, which is a recording too. */
export async function settledPath(path: string): Promise<string> {
  try {
    for await (const step of settleTake(path)) if (step.kind === "done") return step.path;
  } catch (error) {
    log("warning", "recorder", `${path} is kept as it came: ${toAppError(error).message}`);
  }
  return path;
}
