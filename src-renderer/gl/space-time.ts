import type { Sensor } from "#shared/events/sensor.ts";
import { niceAtLeast } from "#renderer/plot/ruler.ts";

/** From where the box of space and time is looked at. Angles in radians; flat leaves perspective out. */
export type Orbit = { readonly yaw: number; readonly pitch: number; readonly zoom: number; readonly flat: boolean };

/** From the front right and above: the newest events in front, time running off to the back left. */
export const firstOrbit: Orbit = { yaw: 0.72, pitch: 0.36, zoom: 1, flat: false };

/** Straight looks along one axis each, named by the two that remain. */
export const straightOrbits = {
  xy: { yaw: 0, pitch: 0, zoom: 1, flat: true },
  xt: { yaw: 0, pitch: Math.PI / 2, zoom: 1, flat: true },
  yt: { yaw: Math.PI / 2, pitch: 0, zoom: 1, flat: true },
} as const satisfies Readonly<Record<string, Orbit>>;

/** The orbit after a turn, in radians; turning leaves a straight look. */
export const turned = (orbit: Orbit, yaw: number, pitch: number): Orbit => ({
  ...orbit,
  flat: false,
  yaw: Math.atan2(Math.sin(orbit.yaw + yaw), Math.cos(orbit.yaw + yaw)),
  pitch: Math.min(Math.PI / 2, Math.max(-Math.PI / 2, orbit.pitch + pitch)),
});

/** The orbit nearer or further by a factor, within reason. */
export const zoomed = (orbit: Orbit, factor: number): Orbit => ({
  ...orbit,
  zoom: Math.min(12, Math.max(0.4, orbit.zoom * factor)),
});

/** Half the box's sides: the longer side of the sensor is 2 long, time 2.6. */
export type Box = readonly [x: number, y: number, t: number];
export function boxOf({ width, height }: Sensor): Box {
  const longer = Math.max(width, height);
  return [width / longer, height / longer, 1.3];
}

/** Distance of the eye from the middle of the box. */
const EYE = 8;
/** Share of the canvas that the box takes, by its half diagonal and the shorter side. */
const FILLS = 0.48;
/** Straight looks have no near corners that would stand out. */
const FLAT_FILLS = 0.56;

/** How many device pixels one unit of the box is long in its middle. */
export const scaleOf = (orbit: Orbit, box: Box, size: { width: number; height: number }): number =>
  (orbit.zoom * (orbit.flat ? FLAT_FILLS : FILLS) * Math.min(size.height, size.width * 0.8)) / Math.hypot(...box);

/** Box to clip space, column by column as WebGL takes it. x right, y up, t towards the newest. */
export function viewMatrix(orbit: Orbit, box: Box, size: { width: number; height: number }): Float32Array {
  const [cy, sy] = [Math.cos(orbit.yaw), Math.sin(orbit.yaw)];
  const [cp, sp] = [Math.cos(orbit.pitch), Math.sin(orbit.pitch)];
  const scale = scaleOf(orbit, box, size);
  const [fx, fy] = [(2 * scale) / size.width, (2 * scale) / size.height];
  // Rows of the rotation: first about the upright axis, then about the horizontal one.
  const right = [cy, 0, sy];
  const up = [sy * sp, cp, -cy * sp];
  const near = [-sy * cp, sp, cy * cp];
  const depth = -0.2; // the box lies within ±2 or so; clip space reaches from −1 to 1
  const away = orbit.flat ? 0 : -1 / EYE;
  const column = (i: number): number[] => [
    fx * (right[i] ?? 0),
    fy * (up[i] ?? 0),
    depth * (near[i] ?? 0),
    away * (near[i] ?? 0),
  ];
  return Float32Array.from([...column(0), ...column(1), ...column(2), 0, 0, 0, 1]);
}

/** Where a point of the box lies on the canvas: x to the right, y down, in the canvas's pixels. */
export function projected(
  matrix: Float32Array,
  [x, y, t]: readonly [number, number, number],
  size: { width: number; height: number },
): readonly [number, number] {
  const at = (row: number): number =>
    (matrix[row] ?? 0) * x + (matrix[4 + row] ?? 0) * y + (matrix[8 + row] ?? 0) * t + (matrix[12 + row] ?? 0);
  const w = at(3);
  return [(0.5 + at(0) / w / 2) * size.width, (0.5 - at(1) / w / 2) * size.height];
}

/** A word at the box, in the canvas's pixels; it stands on the side of its point that faces away from the box. */
export type Mark = {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Which part of the word lies on the point: 0 its left or upper end, 1 its right or lower end. */
  readonly anchorX: number;
  readonly anchorY: number;
  /** Names stand out from numbers. */
  readonly name: boolean;
};

/** Lines (pairs of box points, three numbers each) and words of the axes. */
export type Axes = { readonly ticks: Float32Array; readonly marks: readonly Mark[] };

/** Edges shorter than this on the canvas bear no words, CSS px. */
const SHORTEST_EDGE = 48;
const TICK_LENGTH = 0.035;
/** Ticks are at least this far from each other, CSS px. */
const TICK_DISTANCE = 52;

type Vector = readonly [number, number, number];
const signs = [-1, 1] as const;

/** `−5`, `−0.2`, `0`: ms before the newest event, with as many digits as the step needs. */
function tickText(ageUs: number, stepUs: number): string {
  if (ageUs === 0) return "0";
  const digits = Math.max(0, -Math.floor(Math.log10(stepUs / 1000) + 1e-9));
  return `−${(ageUs / 1000).toFixed(digits)}`;
}

/**
 * Ticks and words of the three axes, each on the edge of the box that lies outermost: time and x below, y at the left.
 * @param size of the canvas in CSS px, in which the marks are given.
 */
export function axesOf(orbit: Orbit, sensor: Sensor, spanUs: number, size: { width: number; height: number }): Axes {
  const box = boxOf(sensor);
  const matrix = viewMatrix(orbit, box, size);
  const at = (point: Vector): readonly [number, number] => projected(matrix, point, size);
  const middle = at([0, 0, 0]);
  const marks: Mark[] = [];
  const ticks: number[] = [];

  const place = (text: string, point: readonly [number, number], distance: number, name: boolean, along?: number): void => {
    const [dx, dy] = [point[0] - middle[0], point[1] - middle[1]];
    // Across the edge it belongs to, away from the box.
    let angle = along === undefined ? Math.atan2(dy, dx) : along + Math.PI / 2;
    if (along !== undefined && Math.cos(angle) * dx + Math.sin(angle) * dy < 0) angle += Math.PI;
    marks.push({
      text,
      x: point[0] + Math.cos(angle) * distance,
      y: point[1] + Math.sin(angle) * distance,
      anchorX: 0.5 - Math.cos(angle) / 2,
      anchorY: 0.5 - Math.sin(angle) / 2,
      name,
    });
  };

  /** The four edges along an axis: their two ends, sorted so that the outermost by `rank` comes first. */
  const outermost = (axis: 0 | 1 | 2, rank: (x: number, y: number) => number): readonly [Vector, Vector] | undefined => {
    const edges = signs.flatMap((a) =>
      signs.map((b): readonly [Vector, Vector] => {
        const end = (s: number): Vector => {
          const free = [a, b];
          const point = [0, 1, 2].map((i) => (i === axis ? s : (free.shift() ?? 0)) * (box[i] ?? 0));
          return [point[0] ?? 0, point[1] ?? 0, point[2] ?? 0];
        };
        return [end(-1), end(1)];
      }),
    );
    const ranked = edges.map((edge) => {
      const [from, to] = [at(edge[0]), at(edge[1])];
      return {
        edge,
        length: Math.hypot(to[0] - from[0], to[1] - from[1]),
        rank: rank((from[0] + to[0]) / 2, (from[1] + to[1]) / 2),
      };
    });
    const best = ranked.reduce((one, other) => (other.rank > one.rank + 0.5 ? other : one));
    return best.length < SHORTEST_EDGE ? undefined : best.edge;
  };
  const slope = (from: Vector, to: Vector): number => {
    const [a, b] = [at(from), at(to)];
    return Math.atan2(b[1] - a[1], b[0] - a[0]);
  };
  const between = (from: Vector, to: Vector): readonly [number, number] => {
    const [a, b] = [at(from), at(to)];
    return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  };

  const acrossEdge = (end: Vector, start: Vector, along: number): number => {
    const [a, b] = [at(start), at(end)];
    return Math.abs(Math.cos(along) * (b[1] - a[1]) - Math.sin(along) * (b[0] - a[0]));
  };

  const time = outermost(2, (x, y) => y + 0.02 * Math.abs(x - middle[0]));
  if (time !== undefined && spanUs > 0) {
    const [old, now] = time;
    const [from, to] = [at(old), at(now)];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const step = niceAtLeast((spanUs * TICK_DISTANCE) / length);
    const direction = slope(old, now);
    for (let age = 0; age <= spanUs * (1 + 1e-9); age += step) {
      const t = box[2] * (1 - (2 * age) / spanUs);
      const point: Vector = [now[0], now[1], t];
      const out = 1 + TICK_LENGTH;
      const ways: readonly Vector[] = [
        [now[0] * out, now[1], t],
        [now[0], now[1] * out, t],
      ];
      // Of the two ways out of the box, the one that is seen better from here.
      const [best] = ways.toSorted((a, b) => acrossEdge(b, point, direction) - acrossEdge(a, point, direction));
      if (best !== undefined) ticks.push(...point, ...best);
      place(tickText(age, step), at(point), 11, false, direction);
    }
    // Beyond the numbers, which take more room beside an edge than below it.
    place("t, ms", between(old, now), 28 + 26 * Math.abs(Math.sin(direction)), true, direction);
  }
  const across = outermost(0, (_, y) => y);
  if (across !== undefined) place(`x, ${sensor.width} px`, between(...across), 12, true, slope(...across));
  const upright = outermost(1, (x) => -x);
  if (upright !== undefined) place(`y, ${sensor.height} px`, between(...upright), 12, true, slope(...upright));
  return { ticks: Float32Array.from(ticks), marks };
}

/** The twelve edges of the box as pairs of points; the four of the newest side come last. */
export function boxEdges(box: Box): Float32Array {
  const corner = (i: number): Vector => [(i & 1 ? 1 : -1) * box[0], (i & 2 ? 1 : -1) * box[1], (i & 4 ? 1 : -1) * box[2]];
  const pairs = [0, 1, 2, 3].map((i): readonly [number, number] => [i, i + 4]);
  const ring = (from: number): (readonly [number, number])[] => [
    [from, from + 1],
    [from + 1, from + 3],
    [from + 3, from + 2],
    [from + 2, from],
  ];
  return Float32Array.from([...pairs, ...ring(0), ...ring(4)].flatMap(([a, b]) => [...corner(a), ...corner(b)]));
}

/** The outline of a region on the newest side of the box. */
export function regionEdges(
  region: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  sensor: Sensor,
): Float32Array {
  const [bx, by, bt] = boxOf(sensor);
  const px = (x: number): number => bx * ((2 * x) / sensor.width - 1);
  const py = (y: number): number => by * (1 - (2 * y) / sensor.height);
  const [left, right, top, bottom] = [px(region.x), px(region.x + region.width), py(region.y), py(region.y + region.height)];
  const ring: Vector[] = [
    [left, top, bt],
    [right, top, bt],
    [right, bottom, bt],
    [left, bottom, bt],
  ];
  return Float32Array.from(ring.flatMap((point, i) => [...point, ...(ring[(i + 1) % 4] ?? point)]));
}
