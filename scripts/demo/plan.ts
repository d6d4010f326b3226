import type { RawParams } from "#shared/units/params.ts";
import { createHandsScene } from "#main/simulation/hands/hands-scene.ts";
import { createHandPicture, type ColorPicture } from "#main/simulation/hands/picture.ts";
import { createSubject } from "#main/simulation/hands/subjects.ts";
import { createRandom } from "#main/simulation/random.ts";
import { gestures, type Gesture, type LabelledScene } from "#main/simulation/simulation.ts";

/** Everything in the demo follows from this number. */
export const DEMO_SEED = 2026;
/** Grows when the generator would make other files from the same seed. */
export const GENERATOR_VERSION = "1";

/** People before the simulated camera, and those nobody trains on. */
export const clipSubjects = ["P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08"] as const;
export const testSubjects = ["P07", "P08"] as const;
const CLIPS_PER_SUBJECT = 2;
const UNLABELLED = 6;
export const CLIP_US = 600_000;
export const STREAM_US = 28_000_000;

/** Pictures show other people than the recordings do. */
const PICTURE_SUBJECTS = 20;
export const PICTURES_PER_CLASS = 60;
export const PICTURE_SIDE = 64;

/** One clip to be simulated. */
export type ClipPlan = {
  readonly path: string;
  readonly name: string;
  readonly gesture: Gesture;
  readonly labelled: boolean;
  readonly subject: string;
  readonly condition: "office" | "dim";
  readonly seed: number;
  readonly subjectSeed: number;
};

const subjectSeed = (index: number): number => DEMO_SEED * 100 + index;

/** Labelled clips of every subject and class, then some without a label. */
export function planClips(): ClipPlan[] {
  const clips: ClipPlan[] = [];
  let seed = DEMO_SEED;
  for (const gesture of gestures) {
    clipSubjects.forEach((subject, index) => {
      for (let take = 1; take <= CLIPS_PER_SUBJECT; take++) {
        const name = `${gesture}-${subject}-${take}`;
        // Every fourth subject sits in a dim room.
        const condition = index % 4 === 2 ? "dim" : "office";
        clips.push({
          path: `recordings/clips/${gesture}/${name}.raw`,
          name,
          gesture,
          labelled: true,
          subject,
          condition,
          seed: ++seed,
          subjectSeed: subjectSeed(index),
        });
      }
    });
  }
  const random = createRandom(DEMO_SEED).fork("unlabelled");
  for (let take = 1; take <= UNLABELLED; take++) {
    const name = `unlabelled-${take}`;
    const index = random.below(6);
    const gesture = random.pick(gestures);
    const subject = clipSubjects[index] ?? "P01";
    clips.push({
      path: `recordings/unlabelled/${name}.raw`,
      name,
      gesture,
      labelled: false,
      subject,
      condition: "office",
      seed: ++seed,
      subjectSeed: subjectSeed(index),
    });
  }
  return clips;
}

/** The scene of a clip, from 0 to CLIP_US. */
export const clipScene = (clip: ClipPlan): LabelledScene =>
  scene({ show: clip.gesture, paceMs: 5000, light: clip.condition, seed: clip.seed }, clip.subjectSeed);

/** Who is seen in the long stream. */
export const streamSubject = clipSubjects[3];

/** The long stream: one person shows everything in turn, twice and a bit. */
export const streamScene = (): LabelledScene =>
  scene(
    { show: "in turn", paceMs: 1900, light: "office", seed: DEMO_SEED + 7 },
    subjectSeed(clipSubjects.indexOf(streamSubject)),
  );

const scene = (params: RawParams, person: number): LabelledScene => createHandsScene({ params, subjectSeed: person });

/** One picture of the data set. */
export function picture(gesture: Gesture, index: number): ColorPicture {
  const random = createRandom(DEMO_SEED).fork("pictures");
  const subject = createSubject(random.fork(`person ${(index * 7 + gestures.indexOf(gesture) * 3) % PICTURE_SUBJECTS}`));
  return createHandPicture(gesture, subject, random.fork(`${gesture} ${index}`), {
    side: PICTURE_SIDE,
    dim: index % 6 === 5,
  });
}
