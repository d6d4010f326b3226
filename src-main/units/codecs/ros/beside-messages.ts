import type { Frame, ImuSample } from "#shared/events/beside.ts";
import { FieldReader, type Serialization } from "./fields.ts";

/** Standard gravity, m/s². */
const GRAVITY = 9.806_65;
const DEGREES = 180 / Math.PI;
/** Larger pictures are not taken (pixels). */
const MAX_PIXELS = 64 << 20;

/** A sensor_msgs/Image as a frame; `undefined` for ways of storing pixels that are not known. */
export function readFrame(bytes: Uint8Array, serialization: Serialization): Frame | undefined {
  const fields = new FieldReader(bytes, serialization);
  const t = fields.header();
  const height = fields.u32();
  const width = fields.u32();
  const encoding = fields.text();
  fields.u8();
  const step = fields.u32();
  const data = fields.sequence();
  const channels = /^(?:mono8|8UC1)$/.test(encoding) ? 1 : /^(?:bgr8|rgb8|8UC3)$/.test(encoding) ? 3 : undefined;
  if (channels === undefined || width * height > MAX_PIXELS || step < width * channels || data.length < step * height)
    return undefined;
  const pixels = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row += 1)
    pixels.set(data.subarray(row * step, row * step + width * channels), row * width * channels);
  if (encoding === "rgb8") for (let i = 0; i < pixels.length; i += 3) [pixels[i], pixels[i + 2]] = [pixels[i + 2]!, pixels[i]!];
  return { t, width, height, offset: { x: 0, y: 0 }, channels, pixels };
}

/** A sensor_msgs/Imu as a reading. These messages carry no temperature, which is NaN then. */
export function readImu(bytes: Uint8Array, serialization: Serialization): ImuSample {
  const fields = new FieldReader(bytes, serialization);
  const t = fields.header();
  const numbers = Array.from({ length: 37 }, () => fields.f64());
  const at = (i: number, factor: number): readonly [number, number, number] => [
    numbers[i]! * factor,
    numbers[i + 1]! * factor,
    numbers[i + 2]! * factor,
  ];
  // Orientation (4) and its covariance (9), rotation (3) and its covariance (9), acceleration (3) and its covariance (9).
  return { t, temperature: NaN, acceleration: at(25, 1 / GRAVITY), rotation: at(13, DEGREES) };
}
