import { GROUP } from "./skeleton.ts";
import { PIVOT_Y, type Surface, type View } from "./surface.ts";

/** The three great lines of a palm, in hand coordinates (see pose.ts): around the thumb, across, below the fingers. */
const LINES: readonly (readonly (readonly [number, number])[])[] = [
  [
    [0.36, 0.7],
    [0.17, 0.62],
    [0.05, 0.44],
    [0.02, 0.16],
  ],
  [
    [0.36, 0.69],
    [0.12, 0.62],
    [-0.12, 0.52],
    [-0.3, 0.42],
  ],
  [
    [-0.4, 0.66],
    [-0.16, 0.69],
    [0.06, 0.77],
    [0.15, 0.88],
  ],
];
/** How far in front of its middle the palm's skin is, and how far from that a line may lie, in palm lengths. */
const SKIN_Z = 0.15;
const REACH_Z = 0.17;
/** Half the width of a line, in palm lengths, and how dark it is. */
const WIDTH = 0.02;
const DARKNESS = 0.3;

/** Darkens the lines of the palm where it is seen. */
export function drawPalmLines(surface: Surface, view: View): void {
  const { width, height, depth, group, tone } = surface;
  const { rotation: r, scale, centerX, centerY } = view;
  const [r0 = 1, r1 = 0, r2 = 0, r3 = 0, r4 = 1, r5 = 0, r6 = 0, r7 = 0, r8 = 1] = r;
  if (r8 < 0.3) return;
  const flip = view.mirrored ? -1 : 1;
  const half = Math.max(0.5, WIDTH * scale);
  const reach = 2 * half;

  for (const line of LINES) {
    for (let k = 0; k + 1 < line.length; k++) {
      const [from, to] = [line[k], line[k + 1]];
      if (from === undefined || to === undefined) continue;
      const [px, py, qx, qy] = [flip * from[0], from[1] - PIVOT_Y, flip * to[0], to[1] - PIVOT_Y];
      const ax = centerX + scale * (r0 * px + r1 * py + r2 * SKIN_Z);
      const ay = centerY - scale * (r3 * px + r4 * py + r5 * SKIN_Z);
      const az = scale * (r6 * px + r7 * py + r8 * SKIN_Z);
      const dx = centerX + scale * (r0 * qx + r1 * qy + r2 * SKIN_Z) - ax;
      const dy = centerY - scale * (r3 * qx + r4 * qy + r5 * SKIN_Z) - ay;
      const inv = 1 / Math.max(1e-6, dx * dx + dy * dy);
      const left = Math.max(0, Math.floor(Math.min(ax, ax + dx) - reach));
      const right = Math.min(width, Math.ceil(Math.max(ax, ax + dx) + reach));
      const top = Math.max(0, Math.floor(Math.min(ay, ay + dy) - reach));
      const bottom = Math.min(height, Math.ceil(Math.max(ay, ay + dy) + reach));
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const i = y * width + x;
          if (group[i] !== GROUP.palm || Math.abs((depth[i] ?? 0) - az) > REACH_Z * scale) continue;
          const ox = x + 0.5 - ax;
          const oy = y + 0.5 - ay;
          const along = (ox * dx + oy * dy) * inv;
          // Half-open, so that the joints of a line are not darkened twice.
          if (along < 0 || along >= 1) continue;
          const off = Math.hypot(ox - along * dx, oy - along * dy) / half;
          if (off < 2) tone[i] = (tone[i] ?? 1) * (1 - DARKNESS * Math.exp(-off * off));
        }
      }
    }
  }
}
