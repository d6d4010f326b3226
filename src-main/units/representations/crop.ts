import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";

/** A part of the sensor, in its pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The part that a parameter names: left, top, width and height with commas between them; undefined when it is empty. */
export function parseCrop(text: string): Box | undefined {
  if (text.trim() === "") return undefined;
  const numbers = text.split(",").map(Number);
  const [left = 0, top = 0, width = 0, height = 0] = numbers;
  if (numbers.length !== 4 || !numbers.every(Number.isSafeInteger) || left < 0 || top < 0 || width < 1 || height < 1) {
    throw new AppError("bad-parameter", `The crop is "${text}", expected left, top, width and height in pixels`, {
      hint: 'Such as "54,4,250,250".',
    });
  }
  return { left, top, width, height };
}

/** The events of a packet that lie in the box. */
export function cropped({ t0, words }: EventPacket, { left, top, width, height }: Box): EventPacket {
  const kept = new Uint32Array(words.length);
  let at = 0;
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i + 1]!;
    const x = (word & 0x3fff) - left;
    const y = ((word >>> 14) & 0x3fff) - top;
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    kept[at] = words[i]!;
    kept[at + 1] = word;
    at += 2;
  }
  return { t0, words: kept.subarray(0, at) };
}
