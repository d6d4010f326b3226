import { randomBytes } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { AppError, type ErrorCode } from "#shared/api/errors.ts";

/** Bytes that can be read from anywhere, with a known length. */
export interface ByteSource {
  /** Name for messages: the file's path. */
  readonly name: string;
  /** Where it lies on the disk, for libraries that open files on their own; absent for bytes in memory. */
  readonly path?: string;
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer only at the end. The memory is lent until the next read unless `into` is given. */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Bytes that are written one after the other; `patch` rewrites bytes that have been written (headers). */
export interface ByteSink {
  readonly name: string;
  readonly position: number;
  write(bytes: Uint8Array): Promise<void>;
  patch(offset: number, bytes: Uint8Array): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const CODES: Readonly<Record<string, readonly [code: ErrorCode, why: string, hint: string]>> = {
  ENOENT: ["not-found", "it does not exist", "Check the path; the drive may be unplugged."],
  EACCES: ["denied", "permission is missing", "Change the permissions of the file or folder, or choose another place."],
  EPERM: ["denied", "permission is missing", "Change the permissions of the file or folder, or choose another place."],
  EROFS: ["read-only", "the file system is read-only", "Choose a folder that can be written to."],
  ENOSPC: ["disk-full", "the disk is full", "Free some space; what has been written so far is kept."],
  EEXIST: ["exists", "it exists already", "Choose another name."],
  EISDIR: ["bad-argument", "it is a folder", "Name a file."],
  ENOTDIR: ["not-found", "a part of its path is a file", "Check the path."],
  EMFILE: ["io", "too many files are open", "Close other programs and try again."],
};

/** A failed file operation as an AppError that names the file, the reason and the remedy. */
export function fileError(error: unknown, path: string, doing: string): AppError {
  if (error instanceof AppError) return error;
  const name = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const known = CODES[name];
  if (known !== undefined) {
    const [code, why, hint] = known;
    return new AppError(code, `Could not ${doing} ${path}: ${why}`, { hint, cause: error });
  }
  const why = error instanceof Error ? error.message : String(error);
  return new AppError("io", `Could not ${doing} ${path}: ${why}`, { cause: error });
}

/** Opens a file for reading. @throws AppError `not-found`, `denied`, … */
export async function openFile(path: string): Promise<ByteSource> {
  let handle: FileHandle;
  let size: number;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw fileError(error, path, "open");
  }
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw fileError({ code: "EISDIR" }, path, "open");
    size = stat.size;
  } catch (error) {
    await handle.close();
    throw fileError(error, path, "open");
  }
  let lent = new Uint8Array(0);
  return {
    name: path,
    path,
    size,
    read: async (offset, length, into) => {
      const wanted = Math.max(0, Math.min(length, size - offset));
      if (into === undefined && lent.length < wanted) lent = new Uint8Array(wanted);
      const target = into ?? lent;
      let done = 0;
      try {
        while (done < wanted) {
          const { bytesRead } = await handle.read(target, done, wanted - done, offset + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
      } catch (error) {
        throw fileError(error, path, "read");
      }
      return target.subarray(0, done);
    },
    close: () => handle.close(),
  };
}

/** Bytes in memory as a source. */
export const sourceOf = (bytes: Uint8Array, name = "memory"): ByteSource => ({
  name,
  size: bytes.length,
  read: (offset, length, into) => {
    const part = bytes.subarray(offset, Math.min(bytes.length, offset + length));
    if (into === undefined) return Promise.resolve(part);
    into.set(part);
    return Promise.resolve(into.subarray(0, part.length));
  },
  close: () => Promise.resolve(),
});

function sinkFor(handle: FileHandle, path: string, finish: () => Promise<void>): ByteSink {
  let position = 0;
  const writeAll = async (bytes: Uint8Array, at: number): Promise<void> => {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw fileError(error, path, "write");
    }
  };
  return {
    name: path,
    get position() {
      return position;
    },
    write: async (bytes) => {
      await writeAll(bytes, position);
      position += bytes.length;
    },
    patch: (offset, bytes) => writeAll(bytes, offset),
    flush: () => handle.datasync(),
    close: async () => {
      await handle.datasync();
      await handle.close();
      await finish();
    },
  };
}

/**
 * A file that grows in place under its own name, for recordings: what has been flushed survives a crash.
 * @throws AppError `exists` rather than overwrite.
 */
export async function appendFile(path: string): Promise<ByteSink> {
  try {
    return sinkFor(await open(path, "wx"), path, () => Promise.resolve());
  } catch (error) {
    throw fileError(error, path, "create");
  }
}

/** A sink whose file appears only when it is closed; `discard` instead of `close` leaves nothing behind. */
export interface ReplacingSink extends ByteSink {
  discard(): Promise<void>;
}

/** A file that appears under its name only when it is complete; until then it has a temporary one. */
export async function replaceFile(path: string): Promise<ReplacingSink> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx");
    const discard = async (): Promise<void> => {
      await handle.close();
      await rm(temporary, { force: true });
    };
    const sink = sinkFor(handle, path, () => rename(temporary, path));
    return Object.defineProperties({ discard }, Object.getOwnPropertyDescriptors(sink)) as ReplacingSink;
  } catch (error) {
    throw fileError(error, path, "create");
  }
}

/** Writes a whole small file so that it is either the old or the new one, whatever happens. */
export async function writeAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.part`;
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, "wx");
    await handle.writeFile(data);
    await handle.datasync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (error) {
    await handle?.close();
    await rm(temporary, { force: true });
    throw fileError(error, path, "write");
  }
}
