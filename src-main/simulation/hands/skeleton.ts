import type { HandPose } from "./pose.ts";

/** What a capsule belongs to; parts of one group melt into each other. */
export const GROUP = { forearm: 0, palm: 1, thumb: 2, index: 3, middle: 4, ring: 5, little: 6, sleeve: 7, cuff: 8 } as const;

/** Numbers of one capsule in `Bones.data`: both ends with radius, then the direction of the back of the hand, then flags. */
export const CAPSULE = {
  ax: 0,
  ay: 1,
  az: 2,
  ar: 3,
  bx: 4,
  by: 5,
  bz: 6,
  br: 7,
  /** Direction in which the back of this bone looks (for nails). */
  dx: 8,
  dy: 9,
  dz: 10,
  group: 11,
  /** Strength of the skin fold at end a (0 to 1). */
  fold: 12,
  /** Bits of KIND. */
  kind: 13,
} as const;
/** What is special about a capsule: a nail near end b; cut flat at end a (sleeves); melts into the palm. */
export const KIND = { nail: 1, flat: 2, melts: 4 } as const;
/** Numbers a capsule. */
export const STRIDE = 14;
/** More than a hand has. */
export const MAX_CAPSULES = 36;

/** How one person's hand is built, as factors of the ordinary. */
export type Build = {
  readonly fingerLength: number;
  readonly fingerWidth: number;
  readonly palmWidth: number;
  /** Distance from wrist to sleeve; above 2 the forearm is bare. */
  readonly sleeve: number;
};

/** The ordinary hand, one palm length = 1: after the proportions in Buchholz, Armstrong, Goldstein, Ergonomics 35 (1992). */
const fingers = [
  { group: GROUP.index, root: [0.29, 0.95, 0], lengths: [0.46, 0.27, 0.2], radii: [0.126, 0.113, 0.104, 0.086] },
  { group: GROUP.middle, root: [0.09, 1.0, 0.012], lengths: [0.5, 0.3, 0.21], radii: [0.128, 0.115, 0.106, 0.088] },
  { group: GROUP.ring, root: [-0.11, 0.955, 0.006], lengths: [0.47, 0.28, 0.21], radii: [0.12, 0.108, 0.1, 0.083] },
  { group: GROUP.little, root: [-0.3, 0.85, -0.02], lengths: [0.37, 0.22, 0.18], radii: [0.106, 0.094, 0.087, 0.072] },
] as const;

/** Only the first bone melts into the palm; only the last one has a nail. */
const boneKind = (bone: number): number => (bone === 0 ? KIND.melts : bone === 2 ? KIND.nail : 0);

/** Writes the capsules of a hand in its own coordinates (see pose.ts) and returns how many there are. */
export function buildHand(pose: HandPose, build: Build, data: Float32Array): number {
  let count = 0;
  const { fingerLength, fingerWidth, palmWidth } = build;

  const add = (
    ax: number,
    ay: number,
    az: number,
    ar: number,
    bx: number,
    by: number,
    bz: number,
    br: number,
    group: number,
    fold = 0,
    kind = 0,
    dx = 0,
    dy = 0,
    dz = -1,
  ): void => {
    data.set([ax, ay, az, ar, bx, by, bz, br, dx, dy, dz, group, fold, kind], count * STRIDE);
    count++;
  };

  // Forearm: flattened by being two bones wide; a sleeve over it.
  add(0.07, -0.02, -0.02, 0.21, 0.12, -0.95, -0.03, 0.27, GROUP.forearm);
  add(-0.07, -0.02, -0.02, 0.21, -0.12, -0.95, -0.03, 0.27, GROUP.forearm);
  add(0.12, -0.95, -0.03, 0.27, 0.15, -2.6, -0.05, 0.33, GROUP.forearm);
  add(-0.12, -0.95, -0.03, 0.27, -0.15, -2.6, -0.05, 0.33, GROUP.forearm);
  if (build.sleeve < 2) {
    const y = -build.sleeve;
    add(0, y, -0.03, 0.4, 0, y - 0.17, -0.03, 0.41, GROUP.cuff, 0, KIND.flat);
    add(0, y - 0.13, -0.03, 0.43, 0, y - 2.4, -0.05, 0.56, GROUP.sleeve, 0, KIND.flat);
  }

  // Palm: metacarpals, the ball of the thumb and the ball of the little finger; all of one group, so they melt.
  const w = palmWidth;
  fingers.forEach(({ root, radii }, i) => {
    const [x, y, z] = root;
    add(w * (0.13 - 0.085 * i), 0.1, 0, 0.15, w * x, y - 0.03, z, radii[0] * 1.12, GROUP.palm);
  });
  add(w * -0.2, 0.14, 0.04, 0.17, w * -0.29, 0.6, 0.03, 0.14, GROUP.palm);
  add(w * -0.02, 0.5, -0.02, 0.16, w * 0.0, 0.8, -0.02, 0.15, GROUP.palm);

  fingers.forEach(({ group, root, lengths, radii }, i) => {
    const [mcp, pip, dip, spread] = pose.fingers[i as 0 | 1 | 2 | 3];
    const side = (spread * Math.PI) / 180;
    const sx = Math.sin(side);
    const sy = Math.cos(side);
    let [x, y, z]: [number, number, number] = [w * root[0], root[1], root[2]];
    let bend = 0;
    [mcp, pip, dip].forEach((angle, k) => {
      bend += (angle * Math.PI) / 180;
      const cos = Math.cos(bend);
      const sin = Math.sin(bend);
      const length = (lengths[k] ?? 0) * fingerLength;
      const [nx, ny, nz] = [x + sx * cos * length, y + sy * cos * length, z + sin * length];
      const from = (radii[k] ?? 0.1) * fingerWidth;
      const to = (radii[k + 1] ?? 0.08) * fingerWidth;
      add(x, y, z, from, nx, ny, nz, to, group, k === 0 ? 0.45 : 1, boneKind(k), sx * sin, sy * sin, -cos);
      [x, y, z] = [nx, ny, nz];
    });
  });

  let [x, y, z] = [w * 0.17, 0.2, 0.05];
  const thumbLengths = [0.4, 0.33, 0.24];
  const thumbRadii = [0.165, 0.128, 0.118, 0.088];
  pose.thumb.forEach((direction, k) => {
    const [dx = 0, dy = 1, dz = 0] = direction;
    const scale = ((thumbLengths[k] ?? 0) * (k === 0 ? 1 : fingerLength)) / Math.hypot(dx, dy, dz);
    const [nx, ny, nz] = [x + dx * scale, y + dy * scale, z + dz * scale];
    const width = k === 0 ? 1 : fingerWidth;
    // The nail of the thumb looks away from the palm and a little up.
    const length = Math.hypot(dx, dy, dz);
    const [ux, uy] = [dx / length, dy / length];
    add(
      x,
      y,
      z,
      (thumbRadii[k] ?? 0.1) * width,
      nx,
      ny,
      nz,
      (thumbRadii[k + 1] ?? 0.1) * fingerWidth,
      k === 0 ? GROUP.palm : GROUP.thumb,
      k === 0 ? 0 : 0.7,
      k === 0 ? 0 : boneKind(k - 1 + (k === 2 ? 1 : 0)),
      uy * 0.8,
      -ux * 0.8,
      k === 2 ? 0.6 : -0.6,
    );
    [x, y, z] = [nx, ny, nz];
  });
  // The web of skin between thumb and index finger.
  add(w * 0.2, 0.42, 0.02, 0.13, w * 0.26, 0.68, 0.02, 0.12, GROUP.palm);
  return count;
}
