import { minimumJerk } from "../minimum-jerk.ts";
import type { Random } from "../random.ts";
import { gestures, type Gesture, type SceneLabel } from "../simulation.ts";
import { createMotion, createTremor, motionKinds, type Motion, type Stance } from "./motions.ts";
import { createJitter, type Subject } from "./subjects.ts";
import { gesturePoses, jitterPose, mixPoses, type HandPose, type PoseJitter } from "./pose.ts";
import { middleOf } from "./view.ts";

/** What a performance is told to show. */
export type Show = Gesture | "in turn" | "random" | "rest";

/** A person showing gestures one after the other, for ever. Times in µs; asked for rising times only. */
export interface Performance {
  /** The hand at that time. */
  at(tUs: number): { readonly pose: HandPose; readonly stance: Stance; readonly sideways: number; readonly away: boolean };
  labelAt(tUs: number): SceneLabel;
  show(what: Show, tUs: number): void;
}

/** How freely poses and motions vary: factors on turns, shifts, motions and joint angles. */
export type Variety = { readonly turn: number; readonly shift: number; readonly vigor: number; readonly jitter: number };

export const ordinaryVariety: Variety = { turn: 1.15, shift: 1, vigor: 0.75, jitter: 0.75 };

/** One gesture held (or the hand away), after a change-over from the hold before. */
type Hold = {
  readonly shows: Gesture | "rest";
  readonly pose: HandPose;
  readonly stance: Stance;
  /** 0: fingers up. 1: forearm from the side. */
  readonly sideways: number;
  readonly motions: readonly Motion[];
  /** When the change-over begins, when it is over, when the next one begins. */
  readonly from: number;
  readonly reached: number;
  readonly until: number;
};

/** A random place and turn for a gesture. */
export function createStance(gesture: Gesture, random: Random, variety: Variety): Stance {
  return {
    x: 0.14 * variety.shift * random.normal(),
    y: middleOf(gesture) + 0.1 * variety.shift * random.normal(),
    roll: 13 * variety.turn * random.normal(),
    yaw: 14 * variety.turn * random.normal(),
    pitch: 10 * variety.turn * random.normal(),
    size: 1 + 0.08 * variety.shift * Math.max(-2, Math.min(2, random.normal())),
  };
}

/** One or two motions, as a rule. */
function createMotions(random: Random, vigor: number): Motion[] {
  const first = random.pick(motionKinds);
  const motions = [createMotion(first, random, vigor)];
  const second = random.pick(motionKinds);
  if (second !== first && random.chance(0.4)) motions.push(createMotion(second, random, 0.5 * vigor));
  return motions;
}

const AWAY_Y = -3.2;

/**
 * @param paceUs how long a gesture is held, about.
 * @param rests share of the holds after which the hand goes away for a moment.
 */
export function createPerformance(
  subject: Subject,
  random: Random,
  options: { readonly show: Show; readonly paceUs: number; readonly rests: number; readonly variety: Variety },
): Performance {
  const { paceUs, rests, variety } = options;
  const tremor = createTremor(random.fork("tremor"));
  const draw = random.fork("holds");
  let show = options.show;
  let turn = 0;
  let sinceRest = 0;

  const nextShown = (before: Gesture | "rest" | undefined): Gesture | "rest" => {
    if (show === "rest") return "rest";
    if (show !== "in turn" && show !== "random") return show;
    if (before !== undefined && before !== "rest" && sinceRest > 1 && draw.chance(rests)) return "rest";
    if (show === "in turn") return gestures[turn++ % gestures.length] ?? "rock";
    const others = gestures.filter((gesture) => gesture !== before);
    return others[draw.below(others.length)] ?? "rock";
  };

  const plan = (before: Hold | undefined, from: number): Hold => {
    const shows = nextShown(before?.shows);
    sinceRest = shows === "rest" ? 0 : sinceRest + 1;
    if (shows === "rest") {
      const stance = { x: 0.2 * draw.normal(), y: AWAY_Y, roll: 8 * draw.normal(), yaw: 0, pitch: 0, size: 1 };
      const reached = from + (before === undefined ? 0 : 450_000);
      return {
        shows,
        pose: before?.pose ?? gesturePoses.rock,
        stance,
        sideways: 0,
        motions: [],
        from,
        reached,
        until: reached + 0.5 * paceUs,
      };
    }
    const jitter: PoseJitter = createJitter(draw, variety.jitter);
    const reached = from + (before === undefined ? 0 : Math.round(draw.between(280_000, 420_000)));
    return {
      shows,
      pose: jitterPose(jitterPose(gesturePoses[shows], subject.habit), jitter),
      stance: createStance(shows, draw, variety),
      sideways: shows === "thumb" ? 1 : 0,
      motions: createMotions(draw, variety.vigor),
      from,
      reached,
      until: reached + Math.round(paceUs * draw.between(0.85, 1.15)),
    };
  };

  let now = plan(undefined, 0);
  let before = now;
  const moveTo = (tUs: number): void => {
    while (tUs >= now.until) {
      before = now;
      now = plan(before, before.until);
    }
  };

  const stanceOf = (hold: Hold, t: number): Stance => {
    const stance = { ...hold.stance };
    for (const move of hold.motions) move(t, stance);
    return stance;
  };

  return {
    at(tUs) {
      moveTo(tUs);
      const t = tUs * 1e-6;
      const share = now.reached === now.from ? 1 : minimumJerk((tUs - now.from) / (now.reached - now.from));
      const to = stanceOf(now, t);
      if (share < 1) {
        const from = stanceOf(before, t);
        for (const key of Object.keys(to) as (keyof Stance)[]) to[key] = from[key] + (to[key] - from[key]) * share;
      }
      tremor(t, to);
      // Fingers arrive a little before the arm does.
      const fingers = share === 1 ? now.pose : mixPoses(before.pose, now.pose, Math.min(1, share * 1.25));
      const sideways = before.sideways + (now.sideways - before.sideways) * share;
      return {
        pose: fingers,
        stance: to,
        sideways: share === 1 ? now.sideways : sideways,
        away: now.shows === "rest" && share === 1,
      };
    },
    labelAt(tUs) {
      moveTo(tUs);
      return tUs < now.reached ? { label: "between", sinceUs: now.from } : { label: now.shows, sinceUs: now.reached };
    },
    show(what, tUs) {
      moveTo(tUs);
      show = what;
      if (what === now.shows) return;
      // Let what is being shown come to its end first, when it has only begun.
      now = { ...now, until: Math.max(tUs, now.reached) };
    },
  };
}
