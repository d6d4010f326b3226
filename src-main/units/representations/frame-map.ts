import type { Sensor } from "#shared/events/sensor.ts";
import type { Box } from "./crop.ts";
import type { EventStore } from "./event-store.ts";
import { bilinear, type ResizeRule } from "./resize.ts";

/** Where pixels of the sensor lie in the frame that is filled, and how that frame reaches the output. */
export interface FrameMap {
  /** Column and row in the plane by column and row on the sensor; -1 outside. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
  readonly width: number;
  readonly height: number;
  /** Writes a filled plane `[height, width, 2]` into the output. */
  write(plane: Float32Array, out: Float32Array, at: number): void;
}

/** Smallest box around the events from `first` to before `end`. */
export function boundingBox({ packed }: EventStore, first: number, end: number): Box {
  let left = 0x3fff;
  let top = 0x3fff;
  let right = 0;
  let bottom = 0;
  for (let i = first; i < end; i += 1) {
    const x = packed[i]! & 0x3fff;
    const y = (packed[i]! >>> 14) & 0x3fff;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return end > first
    ? { left, top, width: right - left + 1, height: bottom - top + 1 }
    : { left: 0, top: 0, width: 1, height: 1 };
}

const lineMap = (length: number, from: number, size: number, to: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => (i < from || i >= from + size ? -1 : Math.floor(((i - from) * to) / size)));

/** @param size sides of the output; 0 keeps the sensor's, with the box at the top left. */
export function frameMap(sensor: Sensor, box: Box | undefined, size: number, rule: ResizeRule): FrameMap {
  const { left, top, width, height } = box ?? { left: 0, top: 0, ...sensor };
  const copy = (plane: Float32Array, out: Float32Array, at: number): void => out.set(plane, at);
  const make = (toWidth: number, toHeight: number): Pick<FrameMap, "columns" | "rows"> => ({
    columns: lineMap(sensor.width, left, width, toWidth),
    rows: lineMap(sensor.height, top, height, toHeight),
  });
  if (size === 0) return { ...make(width, height), width: sensor.width, height: sensor.height, write: copy };
  if (rule === "cells") return { ...make(size, size), width: size, height: size, write: copy };
  const write = bilinear(width, height, size, size, rule === "corners-aligned");
  return { ...make(width, height), width, height, write };
}
