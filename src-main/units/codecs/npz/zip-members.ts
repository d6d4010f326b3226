import { crc32, createInflateRaw } from "node:zlib";
import { Readable } from "node:stream";
import { Reader, ZipReader, configure } from "@zip.js/zip.js";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";

/** More members than this are no columns of events. */
const MAX_MEMBERS = 10_000;
/** Bytes of a member's local header in front of its name. */
const LOCAL_HEADER = 30;
/** Compressed bytes read at once. */
const CHUNK = 1 << 16;

configure({ useWebWorkers: false });

/** One file inside an archive, as bytes that can be read from anywhere. */
export interface ZipMember {
  readonly name: string;
  /** Place and length of its bytes in the archive. */
  readonly start: number;
  readonly stored: number;
  readonly size: number;
  readonly deflated: boolean;
  /** Checksum of its bytes. */
  readonly crc: number;
}

/** A member that could not be unpacked as it was packed. */
export interface MemberDamage {
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

/** The bytes of an archive for the library that reads its directory. */
class SourceReader extends Reader<ByteSource> {
  readonly #file: ByteSource;

  constructor(file: ByteSource) {
    super(file);
    this.#file = file;
    this.size = file.size;
  }

  override init(): Promise<void> {
    this.size = this.#file.size;
    return Promise.resolve();
  }

  override readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    return this.#file.read(offset, length, new Uint8Array(Math.max(0, Math.min(length, this.#file.size - offset))));
  }
}

/** The members of an archive, by its directory. @throws AppError `damaged`, `unsupported`. */
export async function zipMembers(file: ByteSource): Promise<readonly ZipMember[]> {
  const members: ZipMember[] = [];
  const archive = new ZipReader(new SourceReader(file));
  try {
    for await (const entry of archive.getEntriesGenerator()) {
      if (members.length >= MAX_MEMBERS) break;
      if (entry.directory) continue;
      const { filename: name, compressedSize: stored, uncompressedSize: size, compressionMethod: method } = entry;
      if (entry.encrypted || (method !== 0 && method !== 8)) {
        throw new AppError(
          "unsupported",
          `${file.name} has a member “${name}” that is encrypted or compressed in an unusual way`,
          {
            hint: "Save it again with numpy.savez or numpy.savez_compressed.",
          },
        );
      }
      const head = await file.read(entry.offset, LOCAL_HEADER, new Uint8Array(LOCAL_HEADER));
      if (head.length < LOCAL_HEADER) continue;
      const view = new DataView(head.buffer, head.byteOffset);
      const start = entry.offset + LOCAL_HEADER + view.getUint16(26, true) + view.getUint16(28, true);
      members.push({
        name,
        start,
        stored: Math.min(stored, Math.max(0, file.size - start)),
        size,
        deflated: method === 8,
        crc: entry.crc32 ?? 0,
      });
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("damaged", `${file.name} is an archive whose directory cannot be read: ${String(error)}`, {
      hint: "It may be cut short; fetch or save it again.",
      cause: error,
    });
  }
  return members;
}

/** A member's bytes as a source of their own; closing it leaves the archive open. What is found damaged goes to `damage`. */
export function memberSource(file: ByteSource, member: ZipMember, damage: (place: MemberDamage) => void): ByteSource {
  const name = `${file.name}/${member.name}`;
  if (member.deflated) return inflatedSource(file, member, name, damage);
  const { start } = member;
  const size = Math.min(member.size, member.stored);
  return {
    name,
    size,
    read: (offset, length, into) => file.read(start + offset, Math.max(0, Math.min(length, size - offset)), into),
    close: () => Promise.resolve(),
  };
}

/** Inflates a member from its start; going back starts anew. Ends early where the compressed bytes are damaged. */
function inflatedSource(
  file: ByteSource,
  { start, stored, size, crc }: ZipMember,
  name: string,
  damage: (place: MemberDamage) => void,
): ByteSource {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  let stop = (): void => undefined;
  let chunk: Uint8Array = new Uint8Array(0);
  let position = 0; // of the chunk's first byte
  let sum = 0;

  async function* compressed(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < stored; at += CHUNK) {
      const length = Math.min(CHUNK, stored - at);
      yield await file.read(start + at, length, new Uint8Array(length)); // a stream keeps what it is given
    }
  }

  function begin(): void {
    stop();
    const input = Readable.from(compressed());
    const inflate = input.pipe(createInflateRaw());
    input.on("error", (error) => inflate.destroy(error));
    chunks = inflate[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    stop = () => {
      input.destroy();
      inflate.destroy();
    };
    chunk = new Uint8Array(0);
    position = 0;
    sum = 0;
  }

  /** The next chunk; false at the end and where the data is damaged. */
  async function next(): Promise<boolean> {
    position += chunk.length;
    chunk = new Uint8Array(0);
    try {
      const step = await chunks?.next();
      if (step === undefined || step.done === true) return false;
      chunk = step.value;
      sum = crc32(chunk, sum);
      if (position + chunk.length >= size && sum !== crc) spoiled("its checksum is wrong");
      return true;
    } catch (error) {
      if (error instanceof AppError) throw error;
      spoiled(error instanceof Error ? error.message : String(error)); // what lies before is kept
      return false;
    }
  }

  function spoiled(why: string): void {
    damage({ offset: start, bytes: stored, reason: `${name} is damaged inside its compressed bytes: ${why}` });
  }

  return {
    name,
    size,
    read: async (offset, length, into) => {
      const target = into ?? new Uint8Array(length);
      const wanted = Math.max(0, Math.min(length, size - offset));
      if (chunks === undefined || offset < position) begin();
      let done = 0;
      while (done < wanted) {
        const at = offset + done - position;
        if (at < chunk.length) {
          const part = chunk.subarray(at, at + wanted - done);
          target.set(part, done);
          done += part.length;
        } else if (!(await next())) break;
      }
      return target.subarray(0, done);
    },
    close: () => {
      stop();
      chunks = undefined;
      return Promise.resolve();
    },
  };
}
