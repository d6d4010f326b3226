import type { Sensor } from "#shared/events/sensor.ts";

/** Sizes of sensors that recordings without a size may come from, smallest first. 34×34 is N-MNIST's. */
const known: readonly Sensor[] = [
  { width: 34, height: 34 },
  { width: 128, height: 128 },
  { width: 240, height: 180 },
  { width: 304, height: 240 },
  { width: 320, height: 240 },
  { width: 320, height: 320 },
  { width: 346, height: 260 },
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
];

/** The smallest known sensor that holds these coordinates, or else their bounding box. */
export function sensorHolding(maxX: number, maxY: number): Sensor {
  return known.find(({ width, height }) => maxX < width && maxY < height) ?? { width: maxX + 1, height: maxY + 1 };
}

/** Whether a known sensor has exactly this size. */
export const isKnownSensor = ({ width, height }: Sensor): boolean =>
  known.some((sensor) => sensor.width === width && sensor.height === height);
