import { stat, readdir, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { toAppError } from "#shared/api/errors.ts";
import { findUnit } from "#shared/units/unit.ts";
import { log } from "#main/lib/log.ts";
import { readSidecar, sidecarPath, writeSidecar, type Sidecar } from "#main/lib/sidecar.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { convertRecording } from "./convert.ts";

/** Where a recording lies now, and how large it is. */
export interface Settled {
  readonly path: string;
  readonly bytes: number;
}

/** Behind the name of a file that would have its final name before its final content. */
const GROWING = ".wire";

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

/**
 * Rewrites a recording of a camera's bytes in the format that it is meant for, beside it and under the extension of that format, and
 * takes the bytes away once the new file is whole. It may be interrupted anywhere and done again. Other recordings are left as they are.
 * @throws AppError; the bytes stay what they were.
 */
export async function settleTake(path: string): Promise<Settled> {
  const sidecar = await readSidecar(path);
  const codec = sidecar?.becomes === undefined ? undefined : findUnit("codec", codecs, sidecar.becomes);
  if (sidecar === undefined || codec === undefined) return { path, bytes: (await sizeOf(path)) ?? 0 };
  const { target, finished } = await targetOf(path, codec.extensions[0] ?? extname(path), sidecar);
  if (!finished) {
    await removeParts(target);
    const { becomes: _, ...rest } = sidecar;
    // Written before the file: a file that is there is known for what it is.
    const closed: Sidecar = { ...rest, state: "closed", codec: codec.id };
    await writeSidecar(target, closed);
    try {
      for await (const step of convertRecording({ input: path, output: target, codec: codec.id }, new AbortController().signal)) {
        if (step.kind === "done") await writeSidecar(target, { ...closed, events: step.events, bytes: step.bytes });
      }
    } catch (error) {
      await rm(sidecarPath(target), { force: true });
      throw error;
    }
  }
  await rm(path, { force: true });
  await rm(sidecarPath(path), { force: true });
  return { path: target, bytes: (await sizeOf(target)) ?? 0 };
}

/** Where a recording lies after it has been rewritten; what cannot be rewritten stays what it is, which is a recording too. */
export async function settledPath(path: string): Promise<string> {
  try {
    return (await settleTake(path)).path;
  } catch (error) {
    log("warning", "recorder", `${path} is kept as it came: ${toAppError(error).message}`);
    return path;
  }
}
