import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { AppError } from "#shared/api/errors.ts";
import { fileError, openFile, sourceOf, type ByteSource } from "#main/lib/files.ts";
import { CIFAR_RECORD, CIFAR_SIDE, cifarPlanes, isCifarBatch } from "#main/units/datasets/cifar10/records.ts";

/** Red, green, blue and opacity, a byte each, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** Larger pictures are refused before they are unpacked. */
const MAX_PIXELS = 100_000_000;
const MAX_JPEG_MB = 1024;

const isPng = (head: Uint8Array): boolean => head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47;
const isJpeg = (head: Uint8Array): boolean => head[0] === 0xff && head[1] === 0xd8;
const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;
/** IDX: two zeros, a type (8 = bytes), the number of dimensions (3: pictures, 4: color pictures). */
const isIdx = (head: Uint8Array): boolean => head[0] === 0 && head[1] === 0 && head[2] === 8 && (head[3] === 3 || head[3] === 4);

const damaged = (path: string, cause: unknown): AppError =>
  new AppError("damaged", `${path} cannot be read as a picture: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: "Open it in a picture program and save it anew, or take it out of the data set.",
    cause,
  });

function decodePng(path: string, bytes: Uint8Array): Picture {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length > 24 && header.getUint32(16) * header.getUint32(20) > MAX_PIXELS) {
    throw new AppError("too-large", `${path} has more than ${MAX_PIXELS / 1e6} megapixels`, { hint: "Make it smaller first." });
  }
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    return { width, height, rgba: data };
  } catch (error) {
    throw damaged(path, error);
  }
}

function decodeJpeg(path: string, bytes: Uint8Array): Picture {
  try {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: MAX_JPEG_MB,
    });
    return { width, height, rgba: data };
  } catch (error) {
    throw damaged(path, error);
  }
}

/** One picture of an IDX container (LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998). */
async function readIdx(path: string, file: ByteSource, index: number): Promise<Picture> {
  const head = await file.read(0, 20, new Uint8Array(20));
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const dimensions = head[3] ?? 3;
  if (head.length < 4 + 4 * dimensions) throw damaged(path, "its header is cut off");
  const [count, height, width] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  const channels = dimensions === 4 ? view.getUint32(16) : 1;
  if (index >= count || index < 0) {
    throw new AppError("not-found", `${path} has no picture ${index}: it holds ${count}`, { hint: "Read the data set anew." });
  }
  const size = width * height * channels;
  if (size > MAX_PIXELS || (channels !== 1 && channels !== 3))
    throw damaged(path, `${width}×${height}×${channels} is no picture`);
  const pixels = await file.read(4 + 4 * dimensions + index * size, size, new Uint8Array(size));
  if (pixels.length < size) throw damaged(path, `it ends within picture ${index}`);
  const rgba = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = pixels[i * channels + (channels === 3 ? c : 0)] ?? 0;
    rgba[4 * i + 3] = 255;
  }
  return { width, height, rgba };
}

/** The mean over the area each smaller pixel covers, transparent parts without weight. */
function shrink(picture: Picture, width: number, height: number): Picture {
  const rgba = new Uint8Array(4 * width * height);
  const source = picture.rgba;
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * picture.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * picture.height) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * picture.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * picture.width) / width));
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let at = 4 * (row * picture.width + left); at < 4 * (row * picture.width + right); at += 4) {
          const opacity = source[at + 3] ?? 255;
          red += (source[at] ?? 0) * opacity;
          green += (source[at + 1] ?? 0) * opacity;
          blue += (source[at + 2] ?? 0) * opacity;
          alpha += opacity;
        }
      }
      const at = 4 * (y * width + x);
      rgba[at] = alpha > 0 ? Math.round(red / alpha) : 0;
      rgba[at + 1] = alpha > 0 ? Math.round(green / alpha) : 0;
      rgba[at + 2] = alpha > 0 ? Math.round(blue / alpha) : 0;
      rgba[at + 3] = Math.round(alpha / ((bottom - top) * (right - left)));
    }
  }
  return { width, height, rgba };
}

/** One picture of a batch of CIFAR-10. */
async function readCifar(path: string, file: ByteSource, index: number): Promise<Picture> {
  const record = await file.read(index * CIFAR_RECORD, CIFAR_RECORD, new Uint8Array(CIFAR_RECORD));
  const planes = cifarPlanes(record, 0, path);
  const size = CIFAR_SIDE * CIFAR_SIDE;
  const rgba = new Uint8Array(4 * size).fill(255);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = planes[c * size + i] ?? 0;
  }
  return { width: CIFAR_SIDE, height: CIFAR_SIDE, rgba };
}

async function readAny(path: string, index: number | undefined): Promise<Picture> {
  const file = await openFile(path);
  try {
    if (index !== undefined && isCifarBatch(path)) return await readCifar(path, file, index);
    const head = await file.read(0, 4, new Uint8Array(4));
    if (isIdx(head)) return await readIdx(path, file, index ?? 0);
  } finally {
    await file.close();
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(error, path, "read");
  }
  if (isPng(bytes)) return decodePng(path, bytes);
  if (isJpeg(bytes)) return decodeJpeg(path, bytes);
  if (isGzip(bytes)) {
    const unpacked = unpack(path, bytes);
    if (isIdx(unpacked)) return await readIdx(path, sourceOf(unpacked, path), index ?? 0);
  }
  throw new AppError("unknown-format", `${path} is no picture that can be read`, {
    hint: "Known: PNG, JPEG, IDX (MNIST) and batches of CIFAR-10.",
  });
}

function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: 1 << 30 });
  } catch (error) {
    throw damaged(path, error);
  }
}

/** A picture of a data set, at most `maxSide` pixels wide and high. @throws AppError naming the file and what is wrong. */
export async function readPicture(path: string, index: number | undefined, maxSide: number): Promise<Picture> {
  if (!(Number.isSafeInteger(maxSide) && maxSide >= 1)) {
    throw new AppError("bad-argument", `A picture cannot have a side of ${maxSide}`, { hint: "Ask for at least 1." });
  }
  const picture = await readAny(path, index);
  const scale = maxSide / Math.max(picture.width, picture.height);
  if (scale >= 1) return picture;
  return shrink(picture, Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
}
