import { createWriteStream } from "node:fs";
import { link, mkdir, rm, statfs } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { join, parse } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";

/** Space that is left alone, so that a dropped file cannot make the machine unusable. */
const RESERVE_BYTES = 256 * 1024 * 1024;
const MAX_NAME_BYTES = 200;
/** What some file system or other does not allow in names. */
const FORBIDDEN = /[/\\:*?"<>|]/;

/** @throws AppError for anything that is not the plain name of a file. */
export function checkName(name: string): string {
  const control = Array.from(name).some((character) => character < " ");
  const bad = name === "" || name.startsWith(".") || control || FORBIDDEN.test(name) || Buffer.byteLength(name) > MAX_NAME_BYTES;
  if (bad) throw new AppError("bad-argument", `"${name}" is no name for a file`, { hint: "Rename the file and drop it again." });
  return name;
}

/** `rec.raw`, `rec (2).raw`, `rec (3).raw`, … */
function* namesLike(name: string): Generator<string> {
  yield name;
  const { name: stem, ext } = parse(name);
  for (let i = 2; i < 10_000; i++) yield `${stem} (${i})${ext}`;
}

/**
 * Writes what a browser sends into a folder, under its name or the next free one like it. The file appears when it is
 * complete; a broken upload leaves nothing.
 */
export async function receive(folder: string, name: string, body: Readable, announcedBytes: number | undefined): Promise<string> {
  checkName(name);
  const temporary = join(folder, `.${randomBytes(8).toString("hex")}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    const room = bavail * bsize - RESERVE_BYTES;
    const tooLarge = (bytes: number): AppError =>
      new AppError("disk-full", `${name} (${bytes} bytes) does not fit: ${Math.max(0, room)} bytes are free in ${folder}`, {
        hint: "Free some space, or add the file by its path instead of dropping it.",
      });
    if (announcedBytes !== undefined && announcedBytes > room) throw tooLarge(announcedBytes);
    let bytes = 0;
    const limited = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > room) throw tooLarge(bytes);
        yield chunk;
      }
    };
    await pipeline(limited, createWriteStream(temporary, { flags: "wx", flush: true }));
    if (announcedBytes !== undefined && bytes !== announcedBytes)
      throw new AppError("io", `The upload of ${name} broke off after ${bytes} of ${announcedBytes} bytes`);
    for (const candidate of namesLike(name)) {
      const path = join(folder, candidate);
      try {
        await link(temporary, path); // unlike rename this refuses to replace
        return path;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      }
    }
    throw new AppError("exists", `There are too many files called ${name} in ${folder}`);
  } catch (error) {
    throw fileError(error, join(folder, name), "write");
  } finally {
    await rm(temporary, { force: true });
  }
}
