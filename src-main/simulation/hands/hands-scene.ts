import type { Sensor } from "#shared/events/sensor.ts";
import { parseParams, type ParamSpec, type RawParams } from "#shared/units/params.ts";
import type { ModelParams } from "../model-params.ts";
import { modelParams } from "../model-params.ts";
import { createRandom } from "../random.ts";
import { createRenderedScene } from "../rendered-scene.ts";
import { gestures, type LabelledScene } from "../simulation.ts";
import { backgroundKinds, paintBackground } from "./backgrounds.ts";
import { createHandPainter } from "./painter.ts";
import { createPerformance, ordinaryVariety, type Show, type Variety } from "./performance.ts";
import { createLighting, createSubject, lookOf } from "./subjects.ts";
import { viewOf } from "./view.ts";

/** Pixels of the drawn scene unless someone asks for others: those of the first event camera on sale, the DVS128. */
export const handsSensor: Sensor = { width: 128, height: 128 };

/** What the drawn hand shows and how it is lit. */
export const handsParams = {
  show: {
    type: "choice",
    default: "in turn",
    options: ["in turn", "random", ...gestures, "rest"],
    label: "Shows",
    help: "A gesture for good, or all of them one after the other.",
  },
  paceMs: {
    type: "integer",
    default: 2000,
    min: 300,
    max: 60_000,
    unit: "ms",
    label: "Pace",
    help: "How long a gesture is held.",
  },
  light: { type: "choice", default: "office", options: ["office", "dim"], label: "Light" },
  noise: {
    type: "choice",
    default: "ordinary",
    options: ["none", "ordinary", "strong"],
    label: "Sensor noise",
    help: "None: only what moves makes events. Strong: a cheap sensor in the dark, with hot pixels.",
  },
  seed: {
    type: "integer",
    default: 1,
    min: 0,
    max: 0xffff_ffff,
    label: "Person",
    help: "Another number is another person before another wall.",
  },
} as const satisfies ParamSpec;

const noises: Readonly<Record<"none" | "ordinary" | "strong", Partial<ModelParams>>> = {
  none: { leakHz: 0, shotNoiseHz: 0, hotPixels: 0 },
  ordinary: { leakHz: 0.05, shotNoiseHz: 0.3, hotPixels: 0 },
  strong: { leakHz: 0.3, shotNoiseHz: 4, hotPixels: 0.0003 },
};

/** Options of a scene. Everything but the sensor can also come from a form: `params` is checked against `handsParams`. */
export type HandsSceneOptions = {
  readonly sensor?: Sensor;
  readonly params?: RawParams;
  /** Overrides of the pixel model. */
  readonly model?: Partial<ModelParams>;
  readonly variety?: Partial<Variety>;
  /** Seed of the person, when it is not that of everything else. */
  readonly subjectSeed?: number;
};

/**
 * The camera that looks at the hands, here and in the demo project: set to be less sensitive than the default and read
 * out every 200 µs, which keeps recordings small.
 */
const camera: Partial<ModelParams> = { thresholdOn: 0.35, thresholdOff: 0.35, refractoryUs: 1000, readoutUs: 200 };

/** Light of a dim room as a share of an office's. */
const DIM = 0.16;
/** A picture is taken at the latest when something has moved this far, in pixels. */
const MAX_MOVE = 0.7;
const MIN_STEP_US = 1000;
const MAX_STEP_US = 8000;

/**
 * Drawn hands before an event camera, live and for ever. Everything about it is simulated.
 * @throws AppError `bad-parameter`.
 */
export function createHandsScene(options: HandsSceneOptions = {}): LabelledScene {
  const { sensor = handsSensor } = options;
  const { width, height } = sensor;
  const params = parseParams(handsParams, options.params, "hands scene");
  const random = createRandom(params.seed);
  const subject = createSubject(createRandom(options.subjectSeed ?? params.seed).fork("subject"));
  const gain = params.light === "dim" ? DIM : 1;
  const look = lookOf(subject, createLighting(random.fork("light"), gain));
  const backdrop = random.fork("background");
  const background = paintBackground(backdrop.pick(backgroundKinds), width, height, gain, backdrop);
  const painter = createHandPainter(width, height, background, 1);
  const performance = createPerformance(subject, random.fork("performance"), {
    show: params.show,
    paceUs: params.paceMs * 1000,
    rests: 0.15,
    variety: { ...ordinaryVariety, ...options.variety },
  });
  const model: ModelParams = { ...parseParams(modelParams), ...camera, ...noises[params.noise], ...options.model };

  // How fast the outline moved lately decides when the next picture is due.
  const probe = new Float64Array(8);
  let probedAt = 0;
  let step = MIN_STEP_US;
  const placement = { mirrored: subject.leftHanded, back: false };

  const scene = createRenderedScene(
    sensor,
    {
      render(tUs) {
        const { pose, stance, sideways, away } = performance.at(tUs);
        if (away) {
          step = MAX_STEP_US;
          return painter.paint(undefined);
        }
        const view = viewOf({ ...placement, sideways }, stance, width, height);
        const moved = probeMove(probe, view.rotation, view.scale, view.centerX, view.centerY, pose.fingers);
        if (tUs > probedAt) {
          const wanted = ((tUs - probedAt) * MAX_MOVE) / Math.max(moved, 1e-6);
          step = Math.max(MIN_STEP_US, Math.min(MAX_STEP_US, wanted, 1.5 * step));
        }
        probedAt = tUs;
        return painter.paint({ pose, build: subject.build, look, view });
      },
      stepUs: () => step,
    },
    model,
    params.seed,
  );

  let reached = 0;
  return {
    sensor,
    next(untilUs, out) {
      scene.next(untilUs, out);
      if (untilUs > reached) reached = untilUs;
    },
    current: () => performance.labelAt(reached),
    show: (what: Show) => performance.show(what, reached),
  };
}

/** How far, in pixels, the palm, a far point of the hand and the fingertips have moved since the last call. */
function probeMove(
  probe: Float64Array,
  rotation: Float32Array,
  scale: number,
  centerX: number,
  centerY: number,
  fingers: readonly (readonly number[])[],
): number {
  const [r0 = 1, r1 = 0, , r3 = 0, r4 = 1] = rotation;
  const reach = 1.5 * scale;
  const bend = ((fingers[0]?.[0] ?? 0) + (fingers[1]?.[0] ?? 0) + (fingers[2]?.[0] ?? 0) + (fingers[3]?.[0] ?? 0)) / 4;
  const next = [
    centerX,
    centerY,
    centerX + reach * r1,
    centerY - reach * r4,
    centerX - reach * r0,
    centerY + reach * r3,
    // The tip of a finger 1.2 palms long that folds over.
    (1.2 * scale * bend * Math.PI) / 180,
    0.7 * scale,
  ];
  let most = 0;
  for (let i = 0; i < 8; i += 2) {
    const move = Math.hypot((next[i] ?? 0) - (probe[i] ?? 0), (next[i + 1] ?? 0) - (probe[i + 1] ?? 0));
    if (move > most) most = move;
  }
  probe.set(next);
  return most;
}
