import type { Frame, ImuSample, Trigger } from "#shared/events/beside.ts";

/** Half of the 32-bit clock: what one overflow stands for (µs). */
export const OVERFLOW_US = 0x8000_0000;
const MAX_PIXELS = 64 << 20;
/** Bytes of a frame event before its pixels. */
export const FRAME_HEADER = 36;

/** Kinds of special events: the edges of the external inputs, and a reset of the clock. */
const CLOCK_RESET = 1;
const EDGES: Readonly<Record<number, Pick<Trigger, "channel" | "value">>> = {
  2: { channel: 0, value: 1 },
  3: { channel: 0, value: 0 },
  4: { channel: 0, value: 1 },
  6: { channel: 1, value: 1 },
  7: { channel: 1, value: 0 },
  8: { channel: 1, value: 1 },
  9: { channel: 2, value: 1 },
  10: { channel: 2, value: 0 },
  11: { channel: 2, value: 1 },
};

/** A special event: an edge, a reset of the clock, or something of no meaning here. Its time follows the word. */
export function specialOf(word: number, t: number): Trigger | "reset" | undefined {
  const kind = (word >>> 1) & 0x7f;
  if (kind === CLOCK_RESET) return "reset";
  const edge = EDGES[kind];
  return edge === undefined ? undefined : { t, ...edge };
}

/** An inertial reading of 36 bytes, or of 48 with a compass. */
export function imuOf(view: DataView, at: number, size: number, t: number): ImuSample {
  const three = (first: number): readonly [number, number, number] => [
    view.getFloat32(at + first, true),
    view.getFloat32(at + first + 4, true),
    view.getFloat32(at + first + 8, true),
  ];
  return {
    t,
    temperature: view.getFloat32(at + 32, true),
    acceleration: three(8),
    rotation: three(20),
    ...(size === 48 ? { magneticField: three(36) } : {}),
  };
}

/** Whether the 36 bytes there begin a frame that fits into `size` bytes; how many channels it has. */
export function frameChannels(view: DataView, at: number, size: number): 1 | 3 | 4 | undefined {
  const [width, height] = [view.getInt32(at + 20, true), view.getInt32(at + 24, true)];
  if (width <= 0 || height <= 0 || width * height > MAX_PIXELS) return undefined;
  const fits = (channels: number): boolean => FRAME_HEADER + 2 * width * height * channels <= size;
  // In 3.0 the channels lie in other bits; the size of the event tells them as well.
  const told = (view.getUint32(at, true) >>> 1) & 7;
  if ((told === 1 || told === 3 || told === 4) && fits(told)) return told;
  return fits(4) ? 4 : fits(3) ? 3 : fits(1) ? 1 : undefined;
}

/** A frame; `base` is the time of its clock's last turn. Rows come from the top, colors blue first. */
export function frameOf(view: DataView, at: number, channels: 1 | 3 | 4, base: number, fromBelow: boolean): Frame {
  const int = (offset: number): number => view.getInt32(at + offset, true);
  const [start, end, exposureStart, exposureEnd] = [4, 8, 12, 16].map((offset) => base + int(offset)) as [
    number,
    number,
    number,
    number,
  ];
  const [width, height] = [int(20), int(24)];
  const pixels = new Uint16Array(width * height * channels);
  const row = width * channels;
  for (let y = 0; y < height; y += 1) {
    const from = at + FRAME_HEADER + 2 * row * (fromBelow ? height - 1 - y : y);
    for (let i = 0; i < row; i += 1) {
      const channel = i % channels;
      const stored = channels > 1 && channel !== 1 && channel < 3 ? i + 2 - 2 * channel : i; // red and blue change places
      pixels[y * row + i] = view.getUint16(from + 2 * stored, true);
    }
  }
  const exposed = exposureEnd >= exposureStart && exposureStart >= 0;
  const exposure = exposed ? { start: exposureStart, end: exposureEnd } : undefined;
  return {
    t: Math.max(0, exposure === undefined ? start : Math.floor((exposureStart + exposureEnd) / 2)),
    ...(exposure === undefined ? {} : { exposure }),
    ...(start >= 0 && end >= start ? { readout: { start, end } } : {}),
    width,
    height,
    offset: { x: int(28), y: int(32) },
    channels,
    pixels,
  };
}
