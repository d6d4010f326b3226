import type { Sensor } from "#shared/events/sensor.ts";
import type { Placement } from "./picture.ts";

/** A rectangle of sensor pixels, whole numbers, at least one pixel, inside the sensor. */
export type Region = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Point = { readonly x: number; readonly y: number };

/** A press that moves less than this many sensor pixels both ways is a click and no region. */
const SMALLEST_DRAG = 2;

/** Where on the sensor a point of the canvas (device pixels) lies; a fraction of pixels, outside it too. */
export const onSensor = (point: Point, placement: Placement): Point => ({
  x: (point.x - placement.x) / placement.zoom,
  y: (point.y - placement.y) / placement.zoom,
});

/** A region where it lies on the canvas, device pixels. */
export const onCanvas = (region: Region, { x, y, zoom }: Placement): Region => ({
  x: x + region.x * zoom,
  y: y + region.y * zoom,
  width: region.width * zoom,
  height: region.height * zoom,
});

const held = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The pixels touched by a drag between two points of the sensor; undefined for a click, and for a drag beside the sensor. */
export function regionBetween(a: Point, b: Point, { width, height }: Sensor): Region | undefined {
  if (Math.abs(a.x - b.x) < SMALLEST_DRAG && Math.abs(a.y - b.y) < SMALLEST_DRAG) return undefined;
  const left = held(Math.floor(Math.min(a.x, b.x)), 0, width);
  const top = held(Math.floor(Math.min(a.y, b.y)), 0, height);
  const right = held(Math.ceil(Math.max(a.x, b.x)), 0, width);
  const bottom = held(Math.ceil(Math.max(a.y, b.y)), 0, height);
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** A region moved by pixels, kept whole inside the sensor. */
export const movedRegion = (region: Region, dx: number, dy: number, sensor: Sensor): Region => ({
  ...region,
  x: held(region.x + Math.round(dx), 0, sensor.width - region.width),
  y: held(region.y + Math.round(dy), 0, sensor.height - region.height),
});

/** Which way a handle lies from the middle: −1, 0 or 1 in x and y. */
export type Side = readonly [-1 | 0 | 1, -1 | 0 | 1];

/** A region one of whose sides or corners has been moved; the opposite one stays, and one pixel is left. */
export function resizedRegion(region: Region, [sx, sy]: Side, dx: number, dy: number, sensor: Sensor): Region {
  const along = (start: number, size: number, side: number, by: number, limit: number): readonly [number, number] => {
    if (side === 0) return [start, size];
    if (side > 0) return [start, held(size + Math.round(by), 1, limit - start)];
    const moved = held(start + Math.round(by), 0, start + size - 1);
    return [moved, start + size - moved];
  };
  const [x, width] = along(region.x, region.width, sx, dx, sensor.width);
  const [y, height] = along(region.y, region.height, sy, dy, sensor.height);
  return { x, y, width, height };
}

/** The middle half of a sensor: where a region begins that no pointer draws. */
export const middleOf = ({ width, height }: Sensor): Region => ({
  x: Math.floor(width / 4),
  y: Math.floor(height / 4),
  width: Math.max(1, Math.floor(width / 2)),
  height: Math.max(1, Math.floor(height / 2)),
});
