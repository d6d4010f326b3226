import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { JobSample } from "#shared/api/run.ts";
import type { UnitRef } from "#shared/units/unit.ts";
import { fileError } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import type { DenseClip } from "./clip.ts";

/*
 * Represented clips, kept between runs. One file per way of representing; records are only ever appended:
 *   32 bytes key · u32 length · u32 CRC-32 of all that follows · u32 sensor width · u32 height · f64 span · values
 * A kill leaves at most one incomplete record at the end, which the next reader recognises and cuts off by starting a
 * new file; everything in here can be made again.
 */

/** Raised whenever representing gives other values than before. */
const VERSION = 1;
const KEY_BYTES = 32;
const HEAD_BYTES = KEY_BYTES + 8;
const INFO_BYTES = 16;

/** What a represented clip depends on besides the file. */
export interface CacheKind {
  readonly representation: UnitRef;
  readonly filters: readonly UnitRef[];
}

const sha256 = (value: unknown): Buffer => createHash("sha256").update(JSON.stringify(value)).digest();

/** An open cache file. */
export interface ClipCache {
  get(sample: JobSample): Promise<DenseClip | undefined>;
  put(sample: JobSample, clip: DenseClip): Promise<void>;
  close(): Promise<void>;
}

/** A file is known by its path, size and time of change. */
async function keyOf(sample: JobSample): Promise<string> {
  const { size, mtimeMs } = await stat(sample.path).catch((error: unknown) => {
    throw fileError(error, sample.path, "read");
  });
  const { path, index = null, range = null, answers } = sample;
  // Answers come last, so that clips without them are still found where earlier versions put them.
  return sha256([path, size, mtimeMs, index, range, ...(answers === undefined ? [] : [answers])]).toString("hex");
}

function parseRecords(bytes: Buffer): { readonly clips: Map<string, DenseClip>; readonly whole: boolean } {
  const clips = new Map<string, DenseClip>();
  let at = 0;
  while (at + HEAD_BYTES + INFO_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at + KEY_BYTES);
    const end = at + HEAD_BYTES + length;
    if (length < INFO_BYTES || end > bytes.length) break;
    const body = bytes.subarray(at + HEAD_BYTES, end);
    if (crc32(body) !== bytes.readUInt32LE(at + KEY_BYTES + 4)) break;
    const values = new Float32Array((length - INFO_BYTES) / 4);
    new Uint8Array(values.buffer).set(body.subarray(INFO_BYTES));
    clips.set(bytes.toString("hex", at, at + KEY_BYTES), {
      values,
      spanUs: body.readDoubleLE(8),
      sensor: { width: body.readUInt32LE(0), height: body.readUInt32LE(4) },
    });
    at = end;
  }
  return { clips, whole: at === bytes.length };
}

function encodeRecord(key: string, { values, spanUs, sensor }: DenseClip): Buffer {
  const record = Buffer.alloc(HEAD_BYTES + INFO_BYTES + values.byteLength);
  record.write(key, "hex");
  record.writeUInt32LE(INFO_BYTES + values.byteLength, KEY_BYTES);
  record.writeUInt32LE(sensor.width, HEAD_BYTES);
  record.writeUInt32LE(sensor.height, HEAD_BYTES + 4);
  record.writeDoubleLE(spanUs, HEAD_BYTES + 8);
  record.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), HEAD_BYTES + INFO_BYTES);
  record.writeUInt32LE(crc32(record.subarray(HEAD_BYTES)), KEY_BYTES + 4);
  return record;
}

/** Files larger than this are not read back (they would not fit into one buffer); the run represents its clips anew. */
const MAX_FILE_BYTES = 1.5e9;

/** Opens (or begins) the cache of this kind. A damaged file is put aside under a telling name. */
export async function openClipCache(folder: string, kind: CacheKind): Promise<ClipCache> {
  const path = join(folder, "clips", `${sha256([VERSION, kind]).toString("hex").slice(0, 24)}.clips`);
  let clips = new Map<string, DenseClip>();
  let handle: FileHandle;
  try {
    await mkdir(join(folder, "clips"), { recursive: true });
    if (existsSync(path) && (await stat(path)).size <= MAX_FILE_BYTES) {
      const parsed = parseRecords(await readFile(path));
      clips = parsed.clips;
      if (!parsed.whole) {
        log("warning", "compute", `${path} has an incomplete end; its good part is used and a new file is begun`);
        await rename(path, `${path}.damaged`);
      }
    }
    handle = await open(path, "a");
  } catch (error) {
    throw fileError(error, path, "open the cache");
  }
  return {
    get: async (sample) => {
      const key = await keyOf(sample);
      const found = clips.get(key);
      clips.delete(key); // the caller keeps it now
      return found;
    },
    put: async (sample, clip) => {
      try {
        await handle.appendFile(encodeRecord(await keyOf(sample), clip));
      } catch (error) {
        throw fileError(error, path, "write the cache");
      }
    },
    close: () => handle.close(),
  };
}
