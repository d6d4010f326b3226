import type { Sensor } from "#shared/events/sensor.ts";
import type { Guess } from "../codec.ts";
import type { Answers } from "../reading.ts";
import { isKnownSensor, sensorHolding } from "../sensor-sizes.ts";
import { LARGEST_SENSOR } from "./columns.ts";

/** The smallest and largest coordinates that have been seen, and whether everything was looked at. */
export interface Extent {
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  readonly whole: boolean;
}

/** Size of the sensor and whether coordinates count from 1, with what had to be guessed for it. */
export interface FoundExtent {
  readonly sensor: Sensor;
  readonly oneBased: boolean;
  readonly guesses: readonly Guess[];
  readonly metadata: Readonly<Record<string, string>>;
}

const clamp = (value: number, limit: number): number => Math.max(0, Math.min(limit - 1, Math.floor(value)));
/**
 * Sensor size and base of the coordinates. Coordinates count from 1 when the user or the format says so and none is 0, or when
 * none is 0 and the largest ones are the size of a sensor. An unknown size is rounded up to the next known sensor.
 */
export function findExtent(
  seen: Extent,
  facts: { readonly sensor?: Sensor; readonly oneBased?: boolean },
  answers: Answers,
): FoundExtent {
  const guesses: Guess[] = [];
  const width = answers.width || facts.sensor?.width;
  const height = answers.height || facts.sensor?.height;
  const noZero = seen.minX >= 1 && seen.minY >= 1;
  let oneBased = answers.oneBased === "yes";
  if (answers.oneBased === undefined || answers.oneBased === "auto") {
    const full =
      width === undefined || height === undefined
        ? isKnownSensor({ width: seen.maxX, height: seen.maxY })
        : seen.maxX === width || seen.maxY === height;
    oneBased = noZero && (full || facts.oneBased === true);
    if (oneBased || facts.oneBased === true) {
      const reason = !oneBased
        ? "a coordinate is 0, although this layout usually counts from 1"
        : full
          ? `no coordinate is 0, and the largest ones are ${seen.maxX} and ${seen.maxY}`
          : "no coordinate is 0, and this layout usually counts from 1";
      guesses.push({ param: "oneBased", value: oneBased ? "yes" : "no", reason, sure: !oneBased || full });
    }
  }
  if (width !== undefined && height !== undefined) return { sensor: { width, height }, oneBased, guesses, metadata: {} };
  const less = oneBased ? 1 : 0;
  const largest = { x: clamp(seen.maxX - less, LARGEST_SENSOR.width), y: clamp(seen.maxY - less, LARGEST_SENSOR.height) };
  const holding = sensorHolding(largest.x, largest.y);
  const sensor = { width: width ?? holding.width, height: height ?? holding.height };
  const where = seen.whole ? "the largest coordinates are" : "the largest coordinates in parts of the file are";
  const reason = `${where} ${largest.x} and ${largest.y}; the next known sensor has ${holding.width}×${holding.height}`;
  const sure = seen.whole && largest.x >= 0.9 * holding.width && largest.y >= 0.9 * holding.height;
  if (width === undefined) guesses.push({ param: "width", value: sensor.width, reason, sure });
  if (height === undefined) guesses.push({ param: "height", value: sensor.height, reason, sure });
  return { sensor, oneBased, guesses, metadata: { sensor_from: "largest coordinates, because the file does not give a size" } };
}
