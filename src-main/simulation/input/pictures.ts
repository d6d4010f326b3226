import { readFile } from "node:fs/promises";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";
import type { LightFrame } from "../simulation.ts";
import { lightOfRgba } from "./light.ts";

/** Larger pictures are refused by the JPEG decoder instead of filling the memory. */
const MAX_MEGAPIXELS = 100;
const MAX_DECODER_MB = 1024;

/** What the first bytes of a file say it is. */
export function pictureKind(bytes: Uint8Array): "png" | "jpeg" | undefined {
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "png";
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? "jpeg" : undefined;
}

/** Names that stand for pictures in a folder. */
export const isPictureName = (name: string): boolean => /\.(png|jpe?g)$/i.test(name);

/** Reads a PNG or JPEG as light. @throws AppError `damaged` or `unknown-format`, naming the file. */
export async function readPicture(path: string, blackLevel: number): Promise<LightFrame> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(error, path, "read");
  });
  const kind = pictureKind(bytes);
  if (kind === undefined) {
    throw new AppError("unknown-format", `${path} is neither PNG nor JPEG`, { hint: "Convert the picture to PNG or JPEG." });
  }
  try {
    if (kind === "png") {
      const { width, height, data } = PNG.sync.read(bytes);
      return lightOfRgba(data, width, height, blackLevel);
    }
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      maxResolutionInMP: MAX_MEGAPIXELS,
      maxMemoryUsageInMB: MAX_DECODER_MB,
    });
    return lightOfRgba(data, width, height, blackLevel);
  } catch (cause) {
    throw new AppError(
      "damaged",
      `${path} cannot be read as a picture: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: "Replace the file or leave it out.",
        cause,
      },
    );
  }
}
