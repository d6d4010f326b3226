import type { Sensor } from "#shared/events/sensor.ts";
import type { PacketWriter } from "#shared/events/packet-writer.ts";
import { MAX_STEP_US } from "./event-buffer.ts";
import { createEventModel } from "./event-model.ts";
import type { ModelParams } from "./model-params.ts";
import type { SceneSource } from "./simulation.ts";

/** Something that can be drawn at any later time; the scene decides how often (Rebecq et al., ESIM, 2018, section 3.2). */
export interface Renderable {
  /** Light of each pixel at `tUs`, which never decreases; lent until the next call. */
  render(tUs: number): Float32Array;
  /**
   * How long after `tUs` the next picture may be taken so that nothing moves further than about a pixel, µs. Log
   * intensity is taken as linear in between.
   */
  stepUs(tUs: number): number;
  /** After this nothing changes any more, µs. */
  readonly endUs?: number;
}

/** Between pictures of a scene that stands still, µs: noise still has to come in time. */
const IDLE_STEP_US = 20_000;

/** Pixels looking at something rendered. Events do not depend on how the caller divides time. */
export function createRenderedScene(sensor: Sensor, source: Renderable, model: ModelParams, seed: number): SceneSource {
  const pixels = createEventModel(sensor, model, seed);
  pixels.reset(source.render(0), 0);
  const { endUs } = source;
  const { readoutUs } = model;
  let still: Float32Array | undefined;

  const advance = (): void => {
    const now = pixels.nowUs;
    if (endUs !== undefined && now >= endUs) {
      still ??= source.render(endUs).slice();
      pixels.step(still, now + IDLE_STEP_US);
      return;
    }
    const wished = Math.min(MAX_STEP_US, Math.round(source.stepUs(now)));
    // Whole readouts, so that no event would have to be read before its step.
    const step = Math.max(readoutUs, wished - (wished % readoutUs));
    const next = endUs === undefined ? now + step : Math.min(endUs, now + step);
    pixels.step(source.render(next), next);
  };

  return {
    sensor,
    ...(endUs === undefined ? {} : { endUs }),
    next(untilUs: number, out: PacketWriter) {
      if (!Number.isFinite(untilUs)) throw new RangeError(`rendered scene: events until ${untilUs} µs have no end`);
      for (;;) {
        pixels.events.drain(untilUs, out);
        if (pixels.events.pending || pixels.nowUs >= untilUs) return;
        advance();
      }
    },
  };
}
