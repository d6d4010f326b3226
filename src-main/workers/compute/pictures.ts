import { readFile } from "node:fs/promises";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { AppError } from "#shared/api/errors.ts";
import type { JobSample } from "#shared/api/run.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { fileError } from "#main/lib/files.ts";
import { isCifarBatch } from "#main/units/datasets/cifar10/records.ts";
import type { PictureOptions } from "#main/units/transfers/transfer.ts";
import { parseCifar } from "./cifar.ts";
import { parseIdx } from "./idx.ts";
import { mixEdges } from "./edges.ts";
import { resample } from "./resample.ts";

/** A decoded picture: RGB planes, values 0 to 1, `[3, height, width]`. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly planes: Float32Array;
}

/** JPEG pictures beyond this are refused by the decoder instead of filling the memory. */
const MAX_MEGAPIXELS = 100;
const MAX_DECODER_MB = 1024;

function fromRgba(width: number, height: number, rgba: Uint8Array): Picture {
  const size = width * height;
  const planes = new Float32Array(3 * size);
  for (let i = 0; i < size; i += 1) {
    const opacity = (rgba[4 * i + 3] ?? 255) / 255 / 255;
    planes[i] = (rgba[4 * i] ?? 0) * opacity;
    planes[size + i] = (rgba[4 * i + 1] ?? 0) * opacity;
    planes[2 * size + i] = (rgba[4 * i + 2] ?? 0) * opacity;
  }
  return { width, height, planes };
}

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

/** Decodes PNG or JPEG by content. @throws AppError `damaged` or `unknown-format`, naming the file. */
export function decodePicture(bytes: Buffer, name: string): Picture {
  try {
    if (isPng(bytes)) {
      const { width, height, data } = PNG.sync.read(bytes);
      return fromRgba(width, height, data);
    }
    if (isJpeg(bytes)) {
      const { width, height, data } = jpeg.decode(bytes, {
        useTArray: true,
        formatAsRGBA: true,
        maxResolutionInMP: MAX_MEGAPIXELS,
        maxMemoryUsageInMB: MAX_DECODER_MB,
      });
      return fromRgba(width, height, data);
    }
  } catch (error) {
    throw new AppError(
      "damaged",
      `${name} cannot be read as a picture: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: "Replace the file or leave it out.",
        cause: error,
      },
    );
  }
  throw new AppError("unknown-format", `${name} is neither PNG nor JPEG`, { hint: "Convert the picture to PNG or JPEG." });
}

/** A file of many pictures. */
export interface PictureContainer {
  readonly count: number;
  picture(index: number): Picture;
}

/** Reads pictures of any kind; container files are read once. */
export class PictureReader {
  readonly #containers = new Map<string, PictureContainer>();

  async read(sample: JobSample): Promise<Picture> {
    if (sample.index === undefined) {
      const bytes = await readFile(sample.path).catch((error: unknown) => {
        throw fileError(error, sample.path, "read");
      });
      return decodePicture(bytes, sample.path);
    }
    let container = this.#containers.get(sample.path);
    if (container === undefined) {
      const bytes = await readFile(sample.path).catch((error: unknown) => {
        throw fileError(error, sample.path, "read");
      });
      container = isCifarBatch(sample.path) ? parseCifar(bytes, sample.path) : parseIdx(bytes, sample.path);
      this.#containers.set(sample.path, container);
    }
    return container.picture(sample.index);
  }
}

/** A picture this much smaller than the sensor, or less, is centred and not stretched. */
const CENTERING_SHARE = 0.5;

/** Border in pixels of the picture on each side: given, or so that a slightly smaller picture is centred on the sensor. */
function bordersOf({ border }: PictureOptions, picture: Picture, sensor: Sensor): readonly [x: number, y: number] {
  if (border !== "auto") return [border, border];
  const x = (sensor.width - picture.width) / 2;
  const y = (sensor.height - picture.height) / 2;
  const little = x >= 0 && y >= 0 && 2 * x <= CENTERING_SHARE * picture.width && 2 * y <= CENTERING_SHARE * picture.height;
  return little ? [x, y] : [0, 0];
}

/**
 * A picture as one frame `[H, W, C]` of network input. "value" is V = max(R,G,B), the same in both channels (He et
 * al., AAAI 2024); "blue" is what their ablation shows. The aspect ratio is not kept, as in the method.
 */
export function pictureFrame(
  picture: Picture,
  options: PictureOptions,
  sensor: Sensor,
  height: number,
  width: number,
): Float32Array {
  const size = picture.width * picture.height;
  const { planes } = picture;
  const shown: Float32Array[] = [];
  if (options.channels === "blue") shown.push(planes.subarray(2 * size));
  else if (options.channels === "value") {
    const value = new Float32Array(size);
    for (let i = 0; i < size; i += 1) value[i] = Math.max(planes[i] ?? 0, planes[size + i] ?? 0, planes[2 * size + i] ?? 0);
    shown.push(value);
  } else {
    for (let c = 0; c < (options.channels === "rgb" ? 3 : 2); c += 1) shown.push(planes.subarray(c * size, (c + 1) * size));
  }
  const [borderX, borderY] = bordersOf(options, picture, sensor);
  const resized = shown.map((plane) => resample(plane, picture.width, picture.height, borderX, borderY, width, height));
  const channels = options.channels === "rgb" ? 3 : 2;
  const frame = new Float32Array(height * width * channels);
  for (let c = 0; c < channels; c += 1) {
    const plane = resized[Math.min(c, resized.length - 1)];
    if (plane === undefined) continue;
    const mean = options.normalize?.mean[c] ?? 0;
    const deviation = options.normalize?.deviation[c] ?? 1;
    for (let i = 0; i < height * width; i += 1) frame[i * channels + c] = ((plane[i] ?? 0) - mean) / deviation;
  }
  if (options.edges === true) mixEdges(frame, height, width);
  return frame;
}
