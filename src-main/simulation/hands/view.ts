import type { Stance } from "./motions.ts";
import type { View } from "./surface.ts";
import type { Gesture } from "../simulation.ts";

/** Which side of which hand is shown, and from where. */
export type Placement = {
  readonly mirrored: boolean;
  /** The back of the hand faces the viewer. */
  readonly back: boolean;
  /** 1: shown with the thumb on top, the forearm from the side; 0: fingers up. */
  readonly sideways: number;
};

/** Palm lengths that fit into the height of the picture. */
const PALMS_PER_HEIGHT = 2.85;

/** The view of a hand at that stance. */
export function viewOf(placement: Placement, stance: Stance, width: number, height: number): View {
  const side = (placement.mirrored ? -1 : 1) * (placement.back ? -1 : 1);
  const degree = Math.PI / 180;
  const roll = degree * (stance.roll + 90 * side * placement.sideways);
  const yaw = degree * (stance.yaw + (placement.back ? 180 : 0));
  const pitch = degree * stance.pitch;
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(roll),
    Math.sin(roll),
    Math.cos(yaw),
    Math.sin(yaw),
    Math.cos(pitch),
    Math.sin(pitch),
  ];
  // roll about the line of sight, after pitch about x, after yaw about y
  const rotation = new Float32Array([
    ca * cb - sa * sc * sb,
    -sa * cc,
    ca * sb + sa * sc * cb,
    sa * cb + ca * sc * sb,
    ca * cc,
    sa * sb - ca * sc * cb,
    -cc * sb,
    sc,
    cc * cb,
  ]);
  const scale = (stance.size * Math.min(width, height)) / PALMS_PER_HEIGHT;
  return {
    rotation,
    mirrored: placement.mirrored,
    scale,
    centerX: width / 2 + stance.x * scale,
    centerY: height / 2 - stance.y * scale,
  };
}

/** Where the middle of the palm lies so that the whole gesture is about in the middle, in palm lengths before rolling. */
const middles: Readonly<Record<Gesture, number>> = { rock: 0.1, paper: -0.42, scissors: -0.4, point: -0.34, thumb: 0 };

/** How far up the middle of the palm has to be for the gesture to be in the middle of the picture. */
export const middleOf = (gesture: Gesture): number => middles[gesture];
