import type { Random } from "../random.ts";

/** How the hand is held against its resting place: shifts in palm lengths, turns in degrees, size as a factor. */
export type Stance = {
  x: number;
  y: number;
  roll: number;
  yaw: number;
  pitch: number;
  size: number;
};

/** A way of moving while a gesture is shown. It adds to the stance; `t` in seconds. */
export type Motion = (t: number, stance: Stance) => void;

/** What people do with a hand they are showing. */
export const motionKinds = ["pump", "wave", "turn", "approach", "circle", "nod"] as const;
export type MotionKind = (typeof motionKinds)[number];

/** That motion with its own speed, size and phase. `vigor` 1 is ordinary. */
export function createMotion(kind: MotionKind, random: Random, vigor = 1): Motion {
  const speed = 2 * Math.PI * random.between(0.85, 1.15);
  const phase = random.between(0, 2 * Math.PI);
  const size = vigor * random.between(0.8, 1.2);
  const side = random.chance(0.5) ? 1 : -1;
  switch (kind) {
    case "pump": // the counting beat of rock, paper, scissors
      return (t, s) => {
        const beat = Math.sin(2 * speed * t + phase);
        s.y += 0.14 * size * beat;
        s.pitch += 7 * size * beat;
      };
    case "wave":
      return (t, s) => {
        const beat = Math.sin(1.7 * speed * t + phase);
        s.roll += 11 * size * beat;
        s.x -= 0.08 * size * beat;
      };
    case "turn":
      return (t, s) => {
        s.yaw += 22 * size * Math.sin(1.2 * speed * t + phase);
        s.x += 0.05 * size * Math.sin(0.6 * speed * t);
      };
    case "approach":
      return (t, s) => {
        s.size *= 1 + 0.1 * size * Math.sin(1.3 * speed * t + phase);
        s.y += 0.05 * size * Math.sin(1.3 * speed * t + phase);
      };
    case "circle":
      return (t, s) => {
        s.x += 0.12 * size * Math.cos(side * 1.3 * speed * t + phase);
        s.y += 0.12 * size * Math.sin(side * 1.3 * speed * t + phase);
      };
    case "nod":
      return (t, s) => {
        s.pitch += 14 * size * Math.sin(1.5 * speed * t + phase);
        s.y += 0.05 * size * Math.sin(1.5 * speed * t + phase);
      };
  }
}

/** What no hand is free of: slow drift, and the tremor of 8 to 12 Hz (Deuschl, Bain, Brin, Movement Disorders 13, 1998). */
export function createTremor(random: Random, strength = 1): Motion {
  const wave = (low: number, high: number, size: number): readonly [number, number, number] => [
    2 * Math.PI * random.between(low, high),
    random.between(0, 2 * Math.PI),
    strength * size * random.between(0.6, 1.4),
  ];
  const [x1, x2, y1, y2, r1, r2] = [
    wave(0.35, 0.7, 0.06),
    wave(8, 12, 0.0045),
    wave(0.35, 0.7, 0.05),
    wave(8, 12, 0.0045),
    wave(0.3, 0.8, 3.5),
    wave(7, 10, 0.35),
  ];
  const at = ([speed, phase, size]: readonly [number, number, number], t: number): number => size * Math.sin(speed * t + phase);
  return (t, s) => {
    s.x += at(x1, t) + at(x2, t);
    s.y += at(y1, t) + at(y2, t);
    s.roll += at(r1, t) + at(r2, t);
  };
}
