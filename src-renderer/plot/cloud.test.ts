import { expect, it } from "vitest";
import { cloudOf } from "./cloud.ts";

it("gives every pixel with events one point, inside the canvas, time to the right", () => {
  const pixels = new Int8Array(2 * 2 * 3);
  pixels[0] = 5; // first frame, top left, ON
  pixels[11] = -1; // second frame, bottom right, OFF
  const { points, corners } = cloudOf({ width: 3, height: 2, frames: 2, pixels });
  expect(points.map((point) => [point.age, point.on])).toEqual([
    [0, true],
    [1, false],
  ]);
  expect(points[1]!.x).toBeGreaterThan(points[0]!.x);
  expect(corners).toHaveLength(8);
  for (const [x, y] of corners) {
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(1);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(1);
  }
});
