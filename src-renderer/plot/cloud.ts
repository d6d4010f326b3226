import type { Thumbnail } from "#shared/api/stream-api.ts";

/** A point of the x-y-t picture: where it lies on the canvas (0 to 1 of its width and height), how far back, and its polarity. */
export interface CloudPoint {
  readonly x: number;
  readonly y: number;
  /** 0 oldest, 1 newest. */
  readonly age: number;
  readonly on: boolean;
}

/** The box's corners on the canvas, oldest side first, clockwise from top left: eight points. */
export interface Cloud {
  readonly points: readonly CloudPoint[];
  readonly corners: readonly (readonly [number, number])[];
}

/**
 * The events of a clip in space and time, in a fixed view from the front left: time runs to the right, the sensor stands across it.
 * @param thumbnail signed counts per pixel and frame; each pixel with events becomes one point.
 */
export function cloudOf(thumbnail: Thumbnail): Cloud {
  const { width, height, frames, pixels } = thumbnail;
  const project = (u: number, v: number, t: number): readonly [number, number] => {
    // u, v in -0.5..0.5 across the sensor, t in 0..1 along time; a mild perspective shrinks what is older.
    const scale = 0.72 + 0.28 * t;
    return [0.06 + 0.8 * t + 0.16 * u * scale + 0.04, 0.5 + (0.78 * v + 0.1 * u) * scale - 0.04 * t];
  };
  const points: CloudPoint[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const age = frames > 1 ? frame / (frames - 1) : 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = pixels[(frame * height + y) * width + x] ?? 0;
        if (value === 0) continue;
        // A frame covers a span: its events are spread over it, each always to the same place.
        const within = ((x * 73 + y * 151 + frame * 31) % 97) / 97;
        const [px, py] = project(x / width - 0.5, y / height - 0.5, Math.min(1, (frame + within) / frames));
        points.push({ x: px, y: py, age, on: value > 0 });
      }
    }
  }
  const corners = [0, 1].flatMap((t) => [
    project(-0.5, -0.5, t),
    project(0.5, -0.5, t),
    project(0.5, 0.5, t),
    project(-0.5, 0.5, t),
  ]);
  return { points, corners };
}
