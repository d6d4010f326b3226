import { packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { seeded } from "#main/lib/testing/random.ts";

/** Where events come from, in the order of their times. */
export interface Scene {
  /** Events of `[where it was, untilUs)`. */
  next(untilUs: number): EventPacket;
}

/** How long the disc takes along either side of the picture, µs: it comes back to the same place after a long time only. */
const ACROSS_US = 1_700_000;
const DOWN_US = 1_300_000;
/** Edges are a few pixels wide. */
const BLUR_PIXELS = 2;

/**
 * A bright disc on a dark ground that wanders through the picture: ON events along the edge in front, OFF events along the one behind.
 * Equal seeds give equal events, however the time is cut.
 */
export function discScene({ width, height }: Sensor, eventsPerSecond: number, seed = 1): Scene {
  const random = seeded(seed);
  const radius = Math.max(2, Math.min(width, height) / 5);
  const stepUs = 1e6 / eventsPerSecond;
  let number = 0;
  return {
    next: (untilUs) => {
      const count = Math.max(0, Math.ceil(untilUs / stepUs) - number);
      const words = new Uint32Array(2 * count);
      const t0 = Math.floor(number * stepUs);
      for (let at = 0; at < 2 * count; at += 2) {
        const t = Math.floor(number * stepUs);
        number += 1;
        const across = (2 * Math.PI * t) / ACROSS_US;
        const down = (2 * Math.PI * t) / DOWN_US;
        const angle = 2 * Math.PI * random();
        const r = radius + BLUR_PIXELS * (random() - 0.5);
        const x = width / 2 + (width / 2 - radius - BLUR_PIXELS) * Math.sin(across) + r * Math.cos(angle);
        const y = height / 2 + (height / 2 - radius - BLUR_PIXELS) * Math.sin(down) + r * Math.sin(angle);
        // The edge moves outward where the way of the disc and its own direction agree.
        const ahead =
          (Math.cos(across) * Math.cos(angle) * width) / ACROSS_US + (Math.cos(down) * Math.sin(angle) * height) / DOWN_US;
        words[at] = t - t0;
        words[at + 1] = packXyp(
          Math.max(0, Math.min(width - 1, Math.round(x))),
          Math.max(0, Math.min(height - 1, Math.round(y))),
          ahead > 0 ? 1 : 0,
        );
      }
      return { t0, words };
    },
  };
}
