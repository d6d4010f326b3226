import type { Gesture } from "../simulation.ts";

/*
 * Joint angles of a right hand whose palm faces the viewer, fingers up: x toward the thumb, y toward the fingertips,
 * z toward the viewer. Ranges of motion as in anatomy books: the first joint of a finger bends by about 90°, the second
 * by 110°, the last by 70°.
 */

/** Angles of one finger, in degrees: bending of its three joints and how far it leans toward the thumb. */
export type FingerPose = readonly [mcp: number, pip: number, dip: number, spread: number];

/** Directions of the thumb's three bones; they need not have length one. */
export type ThumbPose = readonly [readonly number[], readonly number[], readonly number[]];

/** Index, middle, ring, little; then the thumb. */
export type HandPose = { readonly fingers: readonly [FingerPose, FingerPose, FingerPose, FingerPose]; readonly thumb: ThumbPose };

const curled: FingerPose = [82, 102, 58, 0];
const thumbAcross: ThumbPose = [
  [0.5, 0.62, 0.6],
  [-0.35, 0.62, 0.7],
  [-0.93, 0.2, 0.12],
];
const thumbTucked: ThumbPose = [
  [0.36, 0.62, 0.64],
  [-0.62, 0.56, 0.56],
  [-0.97, 0.22, 0.05],
];

/** What each gesture looks like at its clearest. */
export const gesturePoses: Readonly<Record<Gesture, HandPose>> = {
  rock: {
    fingers: [
      [82, 102, 58, -1],
      [84, 103, 58, 0],
      [84, 103, 58, 1],
      [82, 100, 58, 3],
    ],
    thumb: thumbAcross,
  },
  paper: {
    fingers: [
      [6, 6, 4, 11],
      [3, 5, 4, 2],
      [5, 6, 4, -8],
      [8, 8, 5, -20],
    ],
    thumb: [
      [0.78, 0.6, 0.16],
      [0.62, 0.78, 0.1],
      [0.5, 0.86, 0.06],
    ],
  },
  scissors: {
    fingers: [
      [4, 6, 4, 14],
      [4, 6, 4, -11],
      [80, 104, 60, 0],
      [80, 100, 58, 2],
    ],
    thumb: thumbTucked,
  },
  point: {
    fingers: [
      [3, 5, 4, 3],
      [82, 103, 58, 0],
      [84, 103, 58, 1],
      [82, 100, 58, 3],
    ],
    thumb: thumbTucked,
  },
  thumb: {
    fingers: [curled, curled, [83, 102, 58, 1], [81, 100, 58, 2]],
    thumb: [
      [0.86, 0.42, 0.3],
      [0.96, 0.26, 0.06],
      [0.99, 0.1, -0.1],
    ],
  },
};

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;

/** The pose `share` of the way from `a` to `b`, joint by joint. */
export function mixPoses(a: HandPose, b: HandPose, share: number): HandPose {
  const finger = (i: 0 | 1 | 2 | 3): FingerPose => {
    const [from, to] = [a.fingers[i], b.fingers[i]];
    return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share), mix(from[3], to[3], share)];
  };
  const bone = (i: 0 | 1 | 2): readonly number[] => a.thumb[i].map((value, k) => mix(value, b.thumb[i][k] ?? value, share));
  return { fingers: [finger(0), finger(1), finger(2), finger(3)], thumb: [bone(0), bone(1), bone(2)] };
}

/** How one person's hand, or one moment, differs from the clearest pose: degrees added per joint, and thumb offsets. */
export type PoseJitter = { readonly fingers: readonly (readonly number[])[]; readonly thumb: readonly number[] };

/** The pose with a jitter of that strength. Joints do not bend backward by more than a few degrees. */
export function jitterPose(pose: HandPose, jitter: PoseJitter, strength = 1): HandPose {
  const finger = (i: 0 | 1 | 2 | 3): FingerPose => {
    const [mcp, pip, dip, spread] = pose.fingers[i];
    const delta = jitter.fingers[i] ?? [];
    // A bent finger has less play than a stretched one, and hardly any sideways.
    const play = strength * (mcp > 45 ? 0.5 : 1);
    const at = (k: number): number => play * (delta[k] ?? 0);
    return [
      Math.max(-6, mcp + at(0)),
      Math.max(-2, pip + at(1)),
      Math.max(-2, dip + at(2)),
      spread + at(3) * (mcp > 45 ? 0.4 : 1),
    ];
  };
  const bone = (i: 0 | 1 | 2): readonly number[] =>
    pose.thumb[i].map((value, k) => value + strength * (jitter.thumb[3 * i + k] ?? 0));
  return { fingers: [finger(0), finger(1), finger(2), finger(3)], thumb: [bone(0), bone(1), bone(2)] };
}
