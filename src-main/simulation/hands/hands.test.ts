import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { gestures, type Gesture } from "../simulation.ts";
import { backgroundKinds, paintBackground } from "./backgrounds.ts";
import { createHandPainter } from "./painter.ts";
import { createPerformance, ordinaryVariety } from "./performance.ts";
import { createHandPicture } from "./picture.ts";
import { gesturePoses, jitterPose, mixPoses, type HandPose } from "./pose.ts";
import { buildHand, GROUP, MAX_CAPSULES, STRIDE } from "./skeleton.ts";
import { createJitter, createLighting, createSubject, lookOf, toByte, toLinear } from "./subjects.ts";
import { clearSurface, createSurface, drawCapsules, NOTHING, type View } from "./surface.ts";
import { viewOf } from "./view.ts";

const build = { fingerLength: 1, fingerWidth: 1, palmWidth: 1, sleeve: 3 };
const side = 96;
const still = { x: 0, y: -0.3, roll: 0, yaw: 0, pitch: 0, size: 1 };
const front: View = viewOf({ mirrored: false, back: false, sideways: 0 }, still, side, side);

/** The drawn gesture. */
function surfaceOf(gesture: Gesture, view = front): ReturnType<typeof createSurface> {
  const surface = createSurface(side, side);
  const data = new Float32Array(STRIDE * MAX_CAPSULES);
  drawCapsules(surface, data, buildHand(gesturePoses[gesture], build, data), view);
  return surface;
}

/** Highest row of that group, or the height when it is not seen. */
function topOf(surface: ReturnType<typeof createSurface>, part: number): number {
  const first = surface.group.findIndex((group) => group === part);
  return first < 0 ? side : Math.floor(first / side);
}

describe("drawn hands", () => {
  it("have no more capsules than there is room for", () => {
    const data = new Float32Array(STRIDE * MAX_CAPSULES);
    for (const gesture of gestures) {
      const count = buildHand(gesturePoses[gesture], { ...build, sleeve: 0.4 }, data);
      expect(count).toBeGreaterThan(20);
      expect(count).toBeLessThanOrEqual(MAX_CAPSULES);
    }
  });

  it("stretch the fingers that the gesture stretches", () => {
    const raised = (gesture: Gesture): string[] => {
      const surface = surfaceOf(gesture);
      const knuckles = front.centerY - 0.5 * front.scale;
      return (["index", "middle", "ring", "little"] as const).filter(
        (name) => topOf(surface, GROUP[name]) < knuckles - 0.35 * front.scale,
      );
    };
    expect(raised("rock")).toEqual([]);
    expect(raised("paper")).toEqual(["index", "middle", "ring", "little"]);
    expect(raised("scissors")).toEqual(["index", "middle"]);
    expect(raised("point")).toEqual(["index"]);
    expect(raised("thumb")).toEqual([]);
  });

  it("put the thumb on top when shown sideways, for either hand", () => {
    for (const mirrored of [false, true]) {
      const surface = surfaceOf("thumb", viewOf({ mirrored, back: false, sideways: 1 }, { ...still, y: 0 }, side, side));
      const others = [GROUP.index, GROUP.middle, GROUP.ring, GROUP.little].map((part) => topOf(surface, part));
      expect(topOf(surface, GROUP.thumb)).toBeLessThan(Math.min(...others) - 10);
    }
  });

  it("hide what is farther away: curled fingers cover the palm", () => {
    const palm = (gesture: Gesture): number => surfaceOf(gesture).group.filter((part) => part === GROUP.palm).length;
    expect(palm("rock")).toBeLessThan(0.8 * palm("paper"));
  });

  it("have normals of length one, toward the viewer, and full cover inside", () => {
    const { group, nx, ny, nz, cover, depth } = surfaceOf("paper");
    let inside = 0;
    group.forEach((part, i) => {
      if (part === NOTHING) return expect(cover[i]).toBe(0);
      expect(Math.hypot(nx[i]!, ny[i]!, nz[i]!)).toBeCloseTo(1, 1);
      expect(nz[i]).toBeGreaterThan(-0.35);
      expect(Number.isFinite(depth[i])).toBe(true);
      if (cover[i] === 1) inside++;
    });
    expect(inside).toBeGreaterThan(1000);
  });

  it("leave nothing behind when cleared", () => {
    const surface = surfaceOf("paper");
    clearSurface(surface);
    expect(surface.group.every((part) => part === NOTHING)).toBe(true);
    expect(surface.cover.every((share) => share === 0)).toBe(true);
    expect(surface.depth.every((z) => z === -Infinity)).toBe(true);
  });
});

describe("painter", () => {
  it("shows the background again where a hand was, and luminance as a camera would", () => {
    const random = createRandom(3);
    const background = paintBackground("texture", side, side, 1, random);
    const subject = createSubject(random);
    const hand = { pose: gesturePoses.paper, build: subject.build, look: lookOf(subject, createLighting(random)), view: front };
    const color = createHandPainter(side, side, background, 3);
    const gray = createHandPainter(side, side, background, 1);
    const bare = gray.paint(undefined).slice();
    const shown = gray.paint(hand).slice();
    expect(shown.filter((value, i) => value !== bare[i]).length).toBeGreaterThan(1000);
    expect(shown.every((value) => value > 0 && value < 2)).toBe(true);
    expect(gray.paint(undefined)).toEqual(bare);
    expect(color.paint(hand).slice(0, 3)).toEqual(background.slice(0, 3));
  });
});

describe("poses", () => {
  it("mix from one to the other", () => {
    const numbers = ({ fingers, thumb }: HandPose): number[] => [...fingers, ...thumb].flat();
    for (const [share, gesture] of [
      [0, "rock"],
      [1, "paper"],
    ] as const) {
      const mixed = numbers(mixPoses(gesturePoses.rock, gesturePoses.paper, share));
      numbers(gesturePoses[gesture]).forEach((value, i) => expect(mixed[i]).toBeCloseTo(value, 9));
    }
    expect(mixPoses(gesturePoses.rock, gesturePoses.paper, 0.5).fingers[0][0]).toBe((82 + 6) / 2);
  });

  it("never bend far backward, however strong the jitter", () => {
    const random = createRandom(4);
    for (let i = 0; i < 200; i++) {
      const { fingers } = jitterPose(gesturePoses.paper, createJitter(random, 4));
      for (const [mcp, pip, dip] of fingers) expect(Math.min(mcp + 6, pip + 2, dip + 2)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("performance", () => {
  it("moves without jumps, through changes and rests", () => {
    const random = createRandom(5);
    const performance = createPerformance(createSubject(random), random, {
      show: "random",
      paceUs: 500_000,
      rests: 0.3,
      variety: ordinaryVariety,
    });
    let before = performance.at(0);
    let moved = 0;
    for (let t = 1000; t < 8_000_000; t += 1000) {
      const now = performance.at(t);
      expect(Math.abs(now.stance.y - before.stance.y)).toBeLessThan(0.03);
      expect(Math.abs(now.stance.roll - before.stance.roll)).toBeLessThan(1);
      expect(Math.abs(now.pose.fingers[1][0] - before.pose.fingers[1][0])).toBeLessThan(1.5);
      if (now.stance.y !== before.stance.y) moved++;
      before = now;
    }
    expect(moved).toBeGreaterThan(7900);
  });
});

describe("pictures", () => {
  it("are the same for the same seed, and differ from each other", () => {
    const make = (seed: number): Uint8Array =>
      createHandPicture("point", createSubject(createRandom(1)), createRandom(seed), { side: 32 }).rgba;
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });

  it.each(backgroundKinds)("have light everywhere on %s", (kind) => {
    const pixels = paintBackground(kind, 40, 30, 1, createRandom(2));
    expect(pixels).toHaveLength(3600);
    expect(pixels.every((value) => value > 0 && value < 2)).toBe(true);
  });

  it("turn bytes into light and back", () => {
    for (let byte = 0; byte < 256; byte++) expect(toByte(toLinear(byte))).toBe(byte);
  });
});
