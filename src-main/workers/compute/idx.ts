import { AppError } from "#shared/api/errors.ts";
import type { PictureContainer } from "./pictures.ts";

/**
 * Grey pictures of an idx file (LeCun's MNIST format: two zero bytes, 0x08, dimensions, sizes as big-endian u32).
 * @throws AppError `unknown-format`, `damaged` naming the file. */
export function parseIdx(bytes: Buffer, name: string): PictureContainer {
  if (bytes.length < 16 || bytes.readUInt32BE(0) !== 0x0803) {
    throw new AppError("unknown-format", `${name} is not an idx file of pictures`, {
      hint: "It should begin with 00 00 08 03; compressed files have to be unpacked first.",
    });
  }
  const count = bytes.readUInt32BE(4);
  const height = bytes.readUInt32BE(8);
  const width = bytes.readUInt32BE(12);
  const size = width * height;
  return {
    count,
    picture: (index) => {
      const at = 16 + index * size;
      if (index < 0 || index >= count || at + size > bytes.length) {
        throw new AppError(
          "damaged",
          `${name} has no picture ${index}: it holds ${Math.floor((bytes.length - 16) / size)} of ${count}`,
          {
            hint: "Copy the file again.",
          },
        );
      }
      const planes = new Float32Array(3 * size);
      for (let i = 0; i < size; i += 1) {
        const value = (bytes[at + i] ?? 0) / 255;
        planes[i] = value;
        planes[size + i] = value;
        planes[2 * size + i] = value;
      }
      return { width, height, planes };
    },
  };
}
