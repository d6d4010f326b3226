import { describe, expect, it } from "vitest";
import { noLens, place, turnLens } from "./picture.ts";
import { middleOf, movedRegion, onCanvas, onSensor, regionBetween, resizedRegion } from "./region.ts";

const sensor = { width: 100, height: 50 };

describe("regions", () => {
  it("take in every pixel a drag touches, in any direction", () => {
    expect(regionBetween({ x: 10.2, y: 5.9 }, { x: 20.1, y: 9.1 }, sensor)).toEqual({ x: 10, y: 5, width: 11, height: 5 });
    expect(regionBetween({ x: 20.1, y: 5.9 }, { x: 10.2, y: 9.1 }, sensor)).toEqual({ x: 10, y: 5, width: 11, height: 5 });
  });

  it("end at the sensor, and are nothing for a click or beside it", () => {
    expect(regionBetween({ x: -30, y: -5 }, { x: 400, y: 20 }, sensor)).toEqual({ x: 0, y: 0, width: 100, height: 20 });
    expect(regionBetween({ x: 10, y: 10 }, { x: 11, y: 10.5 }, sensor)).toBeUndefined();
    expect(regionBetween({ x: -30, y: 5 }, { x: -10, y: 20 }, sensor)).toBeUndefined();
  });

  it.each([
    ["letterboxed", place(sensor, 431, 503)],
    ["with bars at the sides", place(sensor, 1200, 260)],
    ["fitted to a small well", place(sensor, 70, 40)],
    ["under the wheel", place(sensor, 400, 300, turnLens(noLens, sensor, { width: 400, height: 300 }, { x: 330, y: 90 }, true))],
  ])("come back from the canvas as they went: %s", (_, placement) => {
    const region = { x: 31, y: 7, width: 12, height: 30 };
    const box = onCanvas(region, placement);
    const a = onSensor({ x: box.x + 0.01 * placement.zoom, y: box.y + 0.01 * placement.zoom }, placement);
    const b = onSensor(
      { x: box.x + box.width - 0.01 * placement.zoom, y: box.y + box.height - 0.01 * placement.zoom },
      placement,
    );
    expect(regionBetween(a, b, sensor)).toEqual(region);
  });

  it("are moved and resized inside the sensor", () => {
    const region = { x: 10, y: 10, width: 20, height: 20 };
    expect(movedRegion(region, 200, -3.4, sensor)).toEqual({ ...region, x: 80, y: 7 });
    expect(resizedRegion(region, [1, 1], 5.2, 90, sensor)).toEqual({ ...region, width: 25, height: 40 });
    expect(resizedRegion(region, [-1, -1], -4, 50, sensor)).toEqual({ x: 6, y: 29, width: 24, height: 1 });
    expect(resizedRegion(region, [1, 0], -90, 9, sensor)).toEqual({ ...region, width: 1 });
    expect(middleOf(sensor)).toEqual({ x: 25, y: 12, width: 50, height: 25 });
  });
});
