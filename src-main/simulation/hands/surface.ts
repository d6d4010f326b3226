import { CAPSULE, GROUP, KIND, STRIDE } from "./skeleton.ts";

/** Where the camera sees the hand: `px = centerX + scale · (rotation · point).x`, and y downward. */
export type View = {
  /** Row by row, applied after mirroring. */
  readonly rotation: Float32Array;
  readonly mirrored: boolean;
  /** Pixels per palm length. */
  readonly scale: number;
  /** Where the middle of the hand lies, in pixels. */
  readonly centerX: number;
  readonly centerY: number;
};

/** Surface marks beside the groups of the skeleton. */
export const NAIL = 9;
/** Nothing was drawn here. */
export const NOTHING = 255;

/** What is seen at each pixel: depth, normal, what it belongs to, how dark the skin is folded, how much of it is covered. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  readonly depth: Float32Array;
  readonly nx: Float32Array;
  readonly ny: Float32Array;
  readonly nz: Float32Array;
  /** Group of the skeleton, NAIL or NOTHING. */
  readonly group: Uint8Array;
  readonly tone: Float32Array;
  /** Share of the pixel that the hand covers, for smooth outlines. */
  readonly cover: Float32Array;
  /** The rectangle drawn into, half-open; empty before the first capsule. */
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** An empty surface. */
export function createSurface(width: number, height: number): Surface {
  const size = width * height;
  const array = (): Float32Array => new Float32Array(size);
  return {
    width,
    height,
    depth: array().fill(-Infinity),
    nx: array(),
    ny: array(),
    nz: array(),
    group: new Uint8Array(size).fill(NOTHING),
    tone: array(),
    cover: array(),
    x0: width,
    y0: height,
    x1: 0,
    y1: 0,
  };
}

/** Forgets what was drawn. */
export function clearSurface(surface: Surface): void {
  const { width, x0, x1, y0, y1, depth, group, cover } = surface;
  for (let y = y0; y < y1; y++) {
    depth.fill(-Infinity, y * width + x0, y * width + x1);
    group.fill(NOTHING, y * width + x0, y * width + x1);
    cover.fill(0, y * width + x0, y * width + x1);
  }
  surface.x0 = width;
  surface.y0 = surface.height;
  surface.x1 = 0;
  surface.y1 = 0;
}

/** The hand turns about this point of its own (the middle of the palm). */
export const PIVOT_Y = 0.62;

/** Share of the radius over which parts of one group melt together. */
const MELT = 0.55;

/** Draws the capsules (see skeleton.ts) as round cones seen from far away; nearer ones hide those behind. */
export function drawCapsules(surface: Surface, data: Float32Array, count: number, view: View): void {
  const { width, height, depth, nx, ny, nz, group, tone, cover } = surface;
  const { rotation: r, scale, centerX, centerY } = view;
  const flip = view.mirrored ? -1 : 1;
  const [r0 = 1, r1 = 0, r2 = 0, r3 = 0, r4 = 1, r5 = 0, r6 = 0, r7 = 0, r8 = 1] = r;

  for (let c = 0; c < count; c++) {
    const at = c * STRIDE;
    const pax = flip * (data[at + CAPSULE.ax] ?? 0);
    const pay = (data[at + CAPSULE.ay] ?? 0) - PIVOT_Y;
    const paz = data[at + CAPSULE.az] ?? 0;
    const pbx = flip * (data[at + CAPSULE.bx] ?? 0);
    const pby = (data[at + CAPSULE.by] ?? 0) - PIVOT_Y;
    const pbz = data[at + CAPSULE.bz] ?? 0;
    const ax = centerX + scale * (r0 * pax + r1 * pay + r2 * paz);
    const ay = centerY - scale * (r3 * pax + r4 * pay + r5 * paz);
    const az = scale * (r6 * pax + r7 * pay + r8 * paz);
    const bx = centerX + scale * (r0 * pbx + r1 * pby + r2 * pbz);
    const by = centerY - scale * (r3 * pbx + r4 * pby + r5 * pbz);
    const bz = scale * (r6 * pbx + r7 * pby + r8 * pbz);
    const ra = scale * (data[at + CAPSULE.ar] ?? 0);
    const rb = scale * (data[at + CAPSULE.br] ?? 0);
    const part = data[at + CAPSULE.group] ?? 0;
    const fold = data[at + CAPSULE.fold] ?? 0;
    const kind = data[at + CAPSULE.kind] ?? 0;
    const flat = (kind & KIND.flat) !== 0;
    const nail = (kind & KIND.nail) !== 0;
    const melts = (kind & KIND.melts) !== 0;
    // Direction of the back of the bone, turned like the points (y downward as in the picture).
    const bkx = flip * (data[at + CAPSULE.dx] ?? 0);
    const bky = data[at + CAPSULE.dy] ?? 0;
    const bkz = data[at + CAPSULE.dz] ?? 0;
    const backX = r0 * bkx + r1 * bky + r2 * bkz;
    const backY = -(r3 * bkx + r4 * bky + r5 * bkz);
    const backZ = r6 * bkx + r7 * bky + r8 * bkz;

    const reach = Math.max(ra, rb) + 1;
    const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
    const right = Math.min(width, Math.ceil(Math.max(ax, bx) + reach));
    const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
    const bottom = Math.min(height, Math.ceil(Math.max(ay, by) + reach));
    if (left >= right || top >= bottom) continue;
    if (left < surface.x0) surface.x0 = left;
    if (right > surface.x1) surface.x1 = right;
    if (top < surface.y0) surface.y0 = top;
    if (bottom > surface.y1) surface.y1 = bottom;

    const dx = bx - ax;
    const dy = by - ay;
    const dz = bz - az;
    const flat2 = dx * dx + dy * dy;
    const length = Math.sqrt(flat2 + dz * dz) || 1e-6;
    const ux = dx / length;
    const uy = dy / length;
    const uz = dz / length;
    const taper = (rb - ra) / length;
    // Ray along z against the cone |m + s e| = ra + taper (q + s uz); see the quadratic below.
    const quadA = 1 - uz * uz - taper * taper * uz * uz;
    const invFlat2 = flat2 > 1e-6 ? 1 / flat2 : 0;
    const foldWidth = 1 / (0.16 * ra);
    const steep = Math.abs(dy) > 0.2 * Math.abs(dx) && flat2 > 1;
    const slope = steep ? dx / dy : 0;
    const spread = steep ? (reach * Math.sqrt(flat2)) / Math.abs(dy) + 1 : 0;
    const meltSpan = MELT * Math.min(ra, rb);

    for (let y = top; y < bottom; y++) {
      const py = y + 0.5 - ay;
      // Of this row, what is no further than the radius from the axis prolonged at both ends.
      let from = left;
      let to = right;
      if (steep) {
        const middle = ax + py * slope;
        from = Math.max(left, Math.floor(middle - spread));
        to = Math.min(right, Math.ceil(middle + spread));
      }
      for (let x = from; x < to; x++) {
        const px = x + 0.5 - ax;
        const q2 = px * dx + py * dy;
        // Outline: distance to the axis as seen, less the radius there.
        let h = q2 * invFlat2;
        if (flat && h < 0) continue;
        h = h < 0 ? 0 : h > 1 ? 1 : h;
        const ox = px - h * dx;
        const oy = py - h * dy;
        const off = Math.sqrt(ox * ox + oy * oy);
        let outside = off - (ra + (rb - ra) * h);
        if (outside > 0.5 && invFlat2 * 4 * ra * ra < 1) continue;
        if (outside > -0.5) {
          const toA = Math.sqrt(px * px + py * py) - ra;
          const toB = Math.sqrt((px - dx) * (px - dx) + (py - dy) * (py - dy)) - rb;
          if (toA < outside && !flat) outside = toA;
          if (toB < outside) outside = toB;
        }
        if (outside > 0.5) continue;
        const i = y * width + x;
        const share = outside < -0.5 ? 1 : 0.5 - outside;
        const before = cover[i] ?? 0;
        if (share > before) cover[i] = share;
        const old = depth[i] ?? -Infinity;
        if (share < 0.5 && old > -Infinity) continue;

        let z: number;
        let vx: number;
        let vy: number;
        let vz: number;
        let along: number;
        const q = px * ux + py * uy;
        const near = ra + taper * q;
        const quadB = -q * uz - taper * uz * near;
        const quadC = px * px + py * py - q * q - near * near;
        const root = quadB * quadB - quadA * quadC;
        const s = root > 0 && quadA > 1e-4 ? (-quadB + Math.sqrt(root)) / quadA : 0;
        along = q + s * uz;
        if (root > 0 && quadA > 1e-4 && along >= 0 && along <= length) {
          z = az + s;
          const radius = ra + taper * along;
          vx = (px - along * ux) / radius;
          vy = (py - along * uy) / radius;
          vz = (s - along * uz) / radius;
        } else {
          // One of the two round ends, whichever is nearer to the viewer; beyond the outline, its rim.
          const endA = ra * ra - px * px - py * py;
          const ex = px - dx;
          const ey = py - dy;
          const endB = rb * rb - ex * ex - ey * ey;
          const zA = flat ? -Infinity : endA > 0 ? az + Math.sqrt(endA) : -Infinity;
          const zB = endB > 0 ? bz + Math.sqrt(endB) : -Infinity;
          if (zA === -Infinity && zB === -Infinity) {
            z = az + h * dz;
            const inv = 1 / (off || 1);
            vx = ox * inv;
            vy = oy * inv;
            vz = 0.05;
            along = h * length;
          } else if (zA >= zB) {
            z = zA;
            vx = px / ra;
            vy = py / ra;
            vz = (zA - az) / ra;
            along = 0;
          } else {
            z = zB;
            vx = ex / rb;
            vy = ey / rb;
            vz = (zB - bz) / rb;
            along = length;
          }
        }

        let shade = 1;
        let mark = part;
        if (fold > 0) {
          const a = along * foldWidth;
          const b = nail ? 9 : (length - along) * foldWidth;
          // Five widths away nothing is left of a fold.
          if (a < 5 || b < 5) shade -= fold * 0.34 * (Math.exp(-a * a) + Math.exp(-b * b));
        }
        if (nail) {
          const facing = vx * backX + vy * backY + vz * backZ;
          if (facing > 0.72 && along > 0.42 * length) mark = NAIL;
        }

        const oldPart = group[i] ?? NOTHING;
        const kin =
          oldPart === part ||
          (oldPart === GROUP.palm && (melts || part === GROUP.palm)) ||
          (oldPart === GROUP.forearm && part === GROUP.palm);
        const ahead = z - old;
        if (kin && mark !== NAIL && ahead < meltSpan && ahead > -meltSpan) {
          const w = 0.5 + (0.5 * ahead) / meltSpan;
          const mx = (nx[i] ?? 0) + (vx - (nx[i] ?? 0)) * w;
          const my = (ny[i] ?? 0) + (vy - (ny[i] ?? 0)) * w;
          const mz = (nz[i] ?? 0) + (vz - (nz[i] ?? 0)) * w;
          const norm = 1 / (Math.sqrt(mx * mx + my * my + mz * mz) || 1);
          depth[i] = old + ahead * w + meltSpan * w * (1 - w);
          nx[i] = mx * norm;
          ny[i] = my * norm;
          nz[i] = mz * norm;
          tone[i] = (tone[i] ?? 1) + (shade - (tone[i] ?? 1)) * w;
          if (w > 0.5) group[i] = mark;
        } else if (ahead > 0) {
          depth[i] = z;
          nx[i] = vx;
          ny[i] = vy;
          nz[i] = vz;
          group[i] = mark;
          tone[i] = shade;
        }
      }
    }
  }
}
