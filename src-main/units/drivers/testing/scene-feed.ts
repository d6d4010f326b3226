import { createHash } from "node:crypto";
import type { Sensor } from "#shared/events/sensor.ts";
import { discScene } from "./disc-scene.ts";
import type { WireFeed } from "./wire-feed.ts";
import { wireWriter } from "./wire-writer.ts";

/** Events are made in parts of so many µs, so that the bytes do not depend on when somebody asks. */
const PART_US = 1000;
/** Longer than this nobody asked because the camera was off: that time passes without events. */
const OFF_MS = 1500;

export interface SceneFeedOptions {
  readonly encoding: string;
  readonly sensor: Sensor;
  readonly eventsPerSecond: number;
  readonly seed?: number;
  /** Nothing more after so many µs of the camera's time. */
  readonly durationUs?: number;
  readonly nowMs?: () => number;
}

/** Generated events by the clock, in a camera's own format, and what was sent so far. */
export interface SceneFeed extends WireFeed {
  readonly paced: true;
  readonly sentEvents: number;
  readonly sentBytes: number;
  /** The whole of `durationUs` has been sent. */
  readonly done: boolean;
  /** SHA-256 of all bytes that were sent, in hexadecimal. */
  digest(): string;
}

/** A wandering disc, made while it is sent. */
export function sceneFeed({
  encoding,
  sensor,
  eventsPerSecond,
  seed,
  durationUs = Infinity,
  nowMs = () => performance.now(),
}: SceneFeedOptions): SceneFeed {
  const scene = discScene(sensor, eventsPerSecond, seed);
  const write = wireWriter(encoding, sensor);
  const hash = createHash("sha256");
  let t = 0;
  /** When the camera's time was 0. */
  let beganMs: number | undefined;
  let askedMs = 0;
  let sentEvents = 0;
  let sentBytes = 0;
  return {
    paced: true,
    get sentEvents() {
      return sentEvents;
    },
    get sentBytes() {
      return sentBytes;
    },
    get done() {
      return t >= durationUs;
    },
    digest: () => hash.copy().digest("hex"),
    next: () => {
      const now = nowMs();
      // Its clock goes on from where it was when it was switched off.
      if (beganMs === undefined || now - askedMs > OFF_MS) beganMs = now - t / 1000;
      askedMs = now;
      const dueUs = Math.min(durationUs, (now - beganMs) * 1000);
      const parts: Uint8Array[] = [];
      for (; t + PART_US <= dueUs; t += PART_US) {
        const packet = scene.next(t + PART_US);
        if (packet.words.length === 0) continue;
        const bytes = write(packet).slice();
        parts.push(bytes);
        hash.update(bytes);
        sentEvents += packet.words.length / 2;
        sentBytes += bytes.length;
      }
      return parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : new Uint8Array(Buffer.concat(parts));
    },
  };
}
