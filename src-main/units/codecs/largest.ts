import type { Sensor } from "#shared/events/sensor.ts";
import { Findings } from "./findings.ts";
import type { PassSource, Place } from "./recording.ts";
import { sensorHolding } from "./sensor-sizes.ts";

/** One pass over a recording that does not say its size: the smallest known sensor that holds all its events. */
export async function largestOf(pass: PassSource["pass"], from: Place): Promise<Sensor> {
  let [maxX, maxY] = [0, 0];
  for await (const { packet } of pass({ from, fromStart: true, findings: new Findings(), grain: "packets", beside: false })) {
    const { words } = packet;
    for (let i = 1; i < words.length; i += 2) {
      maxX = Math.max(maxX, words[i]! & 0x3fff);
      maxY = Math.max(maxY, (words[i]! >>> 14) & 0x3fff);
    }
  }
  return sensorHolding(maxX, maxY);
}
