import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { sharedTranscripts } from "#main/lib/testing/shared-cameras.ts";
import type { EventRow } from "./events.ts";

/** Whether the dialogues with cameras are at hand. */
export const hasSamples = sharedTranscripts() !== undefined;

interface Entry {
  readonly type: "dvs" | "imu" | "frame" | "special";
  readonly t?: number;
  readonly x?: number;
  readonly y?: number;
  readonly on?: number;
  readonly code?: number;
  readonly accel?: readonly number[];
  readonly gyro?: readonly number[];
  readonly temp?: number;
}

/** Bytes that were given to the vendor's decoder, and what it made of them. */
export function recordedSample(id: string, number = 0) {
  const text = readFileSync(resolve(sharedTranscripts() ?? "", `${id}.json`), "utf8");
  const { eventSamples } = JSON.parse(text) as { eventSamples: readonly { data: string; decoded: readonly Entry[] }[] };
  const sample = eventSamples[number]!;
  const of = (type: Entry["type"]): readonly Entry[] => sample.decoded.filter((entry) => entry.type === type);
  return {
    bytes: new Uint8Array(Buffer.from(sample.data, "hex")),
    rows: of("dvs").map(({ t = 0, x = 0, y = 0, on = 0 }): EventRow => [t, x, y, on]),
    imu: of("imu"),
    /** Edges of the input: 2 rising, 3 falling, 4 a pulse. */
    edges: of("special").filter(({ code = 0 }) => code >= 2 && code <= 4),
  };
}
