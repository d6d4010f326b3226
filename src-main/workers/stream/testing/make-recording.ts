import { packXyp } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { replaceFile } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { propheseeRaw } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";

export type TestEvent = readonly [t: number, x: number, y: number, p: number];

/** Writes events, sorted by time, as a Prophesee RAW file. */
export async function makeRecording(path: string, sensor: Sensor, events: readonly TestEvent[]): Promise<void> {
  const sink = await propheseeRaw.create(await replaceFile(path), { sensor, label: "made" });
  const t0 = events[0]?.[0] ?? 0;
  const words = new Uint32Array(2 * events.length);
  for (const [i, [t, x, y, p]] of events.entries()) {
    words[2 * i] = t - t0;
    words[2 * i + 1] = packXyp(x, y, p);
  }
  await sink.write({ t0, words });
  await sink.close();
}

/** Random events at an even rate. */
export function randomEvents(count: number, start: number, everyUs: number, sensor: Sensor, seed = 1): TestEvent[] {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return Array.from(
    { length: count },
    (_, i) => [start + everyUs * i, below(sensor.width), below(sensor.height), below(2)] as const,
  );
}
