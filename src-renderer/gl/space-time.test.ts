import { describe, expect, it } from "vitest";
import {
  axesOf,
  boxEdges,
  boxOf,
  firstOrbit,
  projected,
  regionEdges,
  straightOrbits,
  turned,
  viewMatrix,
  zoomed,
  type Orbit,
} from "./space-time.ts";

const sensor = { width: 640, height: 480 };
const size = { width: 900, height: 600 };
const box = boxOf(sensor);
const at = (orbit: Orbit, point: readonly [number, number, number], where = size): readonly [number, number] =>
  projected(viewMatrix(orbit, box, where), point, where);
const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((t) => [x * box[0], y * box[1], t * box[2]] as const)));

describe("the box of space and time", () => {
  it("keeps the sensor's shape", () => {
    expect(box[1] / box[0]).toBeCloseTo(0.75);
    const [a, b] = [at(straightOrbits.xy, [-box[0], -box[1], 0]), at(straightOrbits.xy, [box[0], box[1], 0])];
    expect((b[0] - a[0]) / (a[1] - b[1])).toBeCloseTo(4 / 3);
  });

  it("lies inside the canvas from wherever it is seen", () => {
    for (const where of [size, { width: 500, height: 900 }]) {
      for (let yaw = -3; yaw <= 3; yaw += 0.3) {
        for (const pitch of [-0.6, -0.2, 0.36, 0.8]) {
          for (const corner of corners) {
            const [x, y] = at({ ...firstOrbit, yaw, pitch }, corner, where);
            expect(x > 0 && x < where.width && y > 0 && y < where.height).toBe(true);
          }
        }
      }
    }
  });

  it("is drawn the right way round: newest in front, x to the right, y up, time to the right from the side", () => {
    const matrix = viewMatrix(straightOrbits.xy, box, size);
    const depth = (t: number): number => (matrix[10] ?? 0) * t;
    expect(depth(1)).toBeLessThan(depth(-1));
    expect(at(straightOrbits.xy, [1, 0, 0])[0]).toBeGreaterThan(size.width / 2);
    expect(at(straightOrbits.xy, [0, 1, 0])[1]).toBeLessThan(size.height / 2);
    expect(at(straightOrbits.yt, [0, 0, 1])[0]).toBeGreaterThan(size.width / 2);
    expect(at(straightOrbits.xt, [0, 0, 1])[1]).toBeGreaterThan(size.height / 2);
    // Perspective: what is nearer is larger.
    const wide = (t: number): number => at({ ...firstOrbit, yaw: 0, pitch: 0 }, [1, 0, t])[0];
    expect(wide(1)).toBeGreaterThan(wide(-1));
  });

  it("turns and comes nearer within reason", () => {
    expect(turned(straightOrbits.xy, 0.1, 9)).toEqual({ yaw: 0.1, pitch: Math.PI / 2, zoom: 1, flat: false });
    expect(turned(firstOrbit, 2 * Math.PI, 0).yaw).toBeCloseTo(firstOrbit.yaw);
    expect(zoomed(firstOrbit, 100).zoom).toBe(12);
    expect(zoomed(firstOrbit, 0.001).zoom).toBe(0.4);
  });

  it("has twelve edges, the newest side last", () => {
    const edges = boxEdges(box);
    expect(edges.length).toBe(12 * 6);
    expect([...edges.subarray(48)].filter((_, i) => i % 3 === 2).every((t) => t === Math.fround(box[2]))).toBe(true);
  });

  it("draws a region on the newest side", () => {
    const edges = regionEdges({ x: 320, y: 0, width: 320, height: 240 }, sensor);
    const xs = [...edges].filter((_, i) => i % 3 === 0);
    const ys = [...edges].filter((_, i) => i % 3 === 1);
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([0, 1]);
    expect([Math.min(...ys), Math.max(...ys)]).toEqual([0, 0.75]);
  });
});

describe("its axes", () => {
  const texts = (orbit: Orbit, spanUs: number): string[] => axesOf(orbit, sensor, spanUs, size).marks.map(({ text }) => text);

  it("tell the time in ms before the newest event, in steps of 1, 2 or 5", () => {
    expect(texts(straightOrbits.yt, 20_000).filter((text) => /\d$/.test(text))).toEqual(["0", "−5", "−10", "−15", "−20"]);
    expect(texts(straightOrbits.yt, 500)).toContain("−0.1");
    expect(texts(straightOrbits.yt, 5_000_000)).toContain("−1000");
  });

  it("name only the axes that can be seen", () => {
    expect(texts(straightOrbits.xy, 20_000)).toEqual(["x, 640 px", "y, 480 px"]);
    expect(texts(straightOrbits.yt, 20_000)).toContain("y, 480 px");
    expect(texts(straightOrbits.yt, 20_000)).not.toContain("x, 640 px");
    expect(texts(firstOrbit, 20_000)).toEqual(expect.arrayContaining(["t, ms", "x, 640 px", "y, 480 px"]));
  });

  it("stand beside the box, not in it", () => {
    const { marks } = axesOf(straightOrbits.yt, sensor, 20_000, size);
    const [left, bottom] = at(straightOrbits.yt, [0, -box[1], -box[2]]);
    for (const mark of marks) expect(mark.x < left || mark.y > bottom).toBe(true);
  });
});
