import type { Sensor } from "#shared/events/sensor.ts";
import { createEventBuffer, MAX_STEP_US, type EventBuffer } from "./event-buffer.ts";
import type { ModelParams } from "./model-params.ts";
import { createRandom } from "./random.ts";

/**
 * A simulated pixel array. Each pixel remembers the log intensity of its last event and fires when the present one
 * is a threshold away. Between two frames log intensity is taken as linear in time, which gives events times of
 * their own. Sources: Lichtsteiner, Posch, Delbruck, "A 128×128 120 dB 15 µs Latency Asynchronous Temporal Contrast
 * Vision Sensor", JSSC 2008 (the pixel); Rebecq, Gehrig, Scaramuzza, "ESIM: an Open Event Camera Simulator", CoRL
 * 2018 (interpolation between frames); Hu, Liu, Delbruck, "v2e", CVPRW 2021 (mismatch, leak, shot noise, bandwidth).
 */
export interface EventModel {
  readonly sensor: Sensor;
  /** Time reached, µs. */
  readonly nowUs: number;
  /** Events of the last step, in order. */
  readonly events: EventBuffer;
  /** The light at the beginning: every pixel settles on it and nothing fires. */
  reset(light: Float32Array, tUs: number): void;
  /**
   * Light changes linearly (in its logarithm) to `light` at `tUs`; the events of `[now, tUs)` are in `events`
   * afterwards. Steps are at most MAX_STEP_US long; the caller has drained the events of the step before.
   */
  step(light: Float32Array, tUs: number): void;
}

/** Added to light before the logarithm: the dark current, 1/1000 of full light. */
const DARK = 1e-3;
/** The smallest threshold mismatch may lead to, as in v2e. */
const MIN_THRESHOLD = 0.01;
/** Noise in full light as a share of noise in the dark, as in v2e. */
const NOISE_IN_LIGHT = 0.25;
/** Bandwidth in the dark as a share of that in full light, as in v2e. */
const BANDWIDTH_IN_DARK = 0.1;
/** Events per second of a hot pixel: from this, up to ten times this. */
const HOT_PIXEL_HZ = 20;

/** A pixel array at rest; call `reset` before the first `step`. */
export function createEventModel(sensor: Sensor, params: ModelParams, seed: number): EventModel {
  const { width, height } = sensor;
  const pixels = width * height;
  const random = createRandom(seed).fork("event model");
  const thetaOn = new Float32Array(pixels);
  const thetaOff = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    thetaOn[i] = Math.max(MIN_THRESHOLD, params.thresholdOn + params.mismatch * random.normal());
    thetaOff[i] = Math.max(MIN_THRESHOLD, params.thresholdOff + params.mismatch * random.normal());
  }
  /** Log intensity at the last reset of each pixel. */
  const memory = new Float32Array(pixels);
  /** Log intensity behind the photoreceptor at `now`. */
  const level = new Float32Array(pixels);
  const lastLight = new Float32Array(pixels);
  const lastLog = new Float32Array(pixels);
  /** A pixel is held in reset until this time; Float64, since streams are long. */
  const deadUntil = new Float64Array(pixels);
  const events = createEventBuffer(params.readoutUs);
  const { refractoryUs, leakHz, shotNoiseHz, bandwidthHz } = params;
  const hot: { readonly pixel: number; readonly rateHz: number }[] = [];
  for (let i = Math.round(params.hotPixels * pixels); i > 0; i--) {
    hot.push({ pixel: random.below(pixels), rateHz: HOT_PIXEL_HZ * random.between(1, 10) });
  }
  const words = new Uint32Array(pixels);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) words[i] = ((y << 14) | x) >>> 0;
  const ON = 1 << 28;
  let now = 0;

  /** One pixel that may fire within `[t0, t0 + span)` while its log intensity goes from `from` to `to`. */
  const firePixel = (i: number, from: number, to: number, t0: number, span: number): void => {
    const slope = (to - from) / span;
    let t = 0; // since t0
    let base = memory[i] ?? 0;
    const dead = (deadUntil[i] ?? 0) - t0;
    if (dead > 0) {
      if (dead >= span) return;
      t = dead;
      base = from + slope * t;
    }
    const up = thetaOn[i] ?? 1;
    const down = thetaOff[i] ?? 1;
    const word = words[i] ?? 0;
    for (;;) {
      const here = from + slope * t;
      // A leaking memory can lie a threshold away already; such an event comes at once.
      const on = slope > 0 ? to - base >= up : here - base >= up;
      const off = slope < 0 ? base - to >= down : base - here >= down;
      if (!on && !off) break;
      const target = on ? base + up : base - down;
      const crossing = slope === 0 ? t : Math.max(t, (target - from) / slope);
      const offset = Math.min(span - 1, Math.floor(crossing));
      events.add(offset, on ? (word | ON) >>> 0 : word);
      if (refractoryUs === 0) {
        base = target;
        t = crossing;
      } else {
        const free = offset + refractoryUs;
        deadUntil[i] = t0 + free;
        if (free >= span) break;
        t = free;
        base = from + slope * t;
      }
    }
    memory[i] = base;
  };

  /** A Poisson number of noise events, spread evenly; dark pixels get more of them (v2e, section 3.3). */
  const addNoise = (t0: number, span: number): void => {
    const emit = (i: number): void => {
      const offset = random.below(span);
      if (refractoryUs > 0 && t0 + offset < (deadUntil[i] ?? 0)) return;
      if (refractoryUs > 0) deadUntil[i] = t0 + offset + refractoryUs;
      events.add(offset, random.chance(0.5) ? ((words[i] ?? 0) | ON) >>> 0 : (words[i] ?? 0));
    };
    const wanted = shotNoiseHz * pixels * span * 1e-6;
    for (let n = poisson(wanted, random.uniform, random.normal); n > 0; n--) {
      const i = random.below(pixels);
      const light = Math.min(1, lastLight[i] ?? 0);
      if (random.uniform() < 1 - (1 - NOISE_IN_LIGHT) * light) emit(i);
    }
    for (const { pixel, rateHz } of hot) {
      for (let n = poisson(rateHz * span * 1e-6, random.uniform, random.normal); n > 0; n--) emit(pixel);
    }
  };

  return {
    sensor,
    get nowUs() {
      return now;
    },
    events,
    reset(light, tUs) {
      for (let i = 0; i < pixels; i++) {
        const value = light[i] ?? 0;
        const log = Math.log(value + DARK);
        lastLight[i] = value;
        lastLog[i] = log;
        level[i] = log;
        // Pixels start anywhere between two events of a leak, else a still scene would fire in step.
        memory[i] = leakHz > 0 ? log - (thetaOn[i] ?? 0) * random.uniform() * 0.999 : log;
      }
      deadUntil.fill(0);
      now = tUs;
    },
    step(light, tUs) {
      const t0 = now;
      const span = tUs - t0;
      if (!Number.isInteger(span) || span <= 0 || span > MAX_STEP_US) {
        throw new RangeError(`event model: a step of ${span} µs; allowed are whole numbers from 1 to ${MAX_STEP_US}`);
      }
      const leak = leakHz * span * 1e-6;
      const corner = 2 * Math.PI * bandwidthHz * span * 1e-6;
      const held = refractoryUs > 0;
      addNoise(t0, span);
      for (let i = 0; i < pixels; i++) {
        const value = light[i] ?? 0;
        let log = lastLog[i] ?? 0;
        if (value !== lastLight[i]) {
          log = Math.log(value + DARK);
          lastLight[i] = value;
          lastLog[i] = log;
        }
        const from = level[i] ?? 0;
        let to = log;
        if (corner > 0) {
          // Backward Euler of a first-order low-pass whose corner rises with light: stable at any step.
          const gain = corner * (BANDWIDTH_IN_DARK + (1 - BANDWIDTH_IN_DARK) * Math.min(1, value));
          to = from + ((log - from) * gain) / (1 + gain);
        }
        const up = thetaOn[i] ?? 1;
        const base = (memory[i] ?? 0) - leak * up;
        memory[i] = base;
        level[i] = to;
        const change = to - base;
        if (change >= up || -change >= (thetaOff[i] ?? 1) || (held && (deadUntil[i] ?? 0) > t0)) {
          firePixel(i, from, to, t0, span);
        }
      }
      events.close(t0, span);
      now = tUs;
    },
  };
}

/** A Poisson number of that mean: by Knuth's product for small means, by the normal for large ones. */
export function poisson(mean: number, uniform: () => number, normal: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count++;
  return count;
}
