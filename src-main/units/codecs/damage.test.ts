import { describe, expect, test } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import type { Codec } from "./codec.ts";
import { nmnistBin } from "./nmnist-bin/nmnist-bin.ts";
import { propheseeRaw } from "./prophesee-raw/prophesee-raw.ts";
import { memorySink } from "./testing/files.ts";

const MUTATIONS = 1000;
const sensor = { width: 128, height: 128 };

/** Flips, cuts, doubles, moves and overwrites parts of a file. */
function mutate(random: () => number, original: Uint8Array): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(original);
  const place = (): number => Math.floor(random() * (bytes.length + 1));
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes -= 1) {
    const [a, b] = [place(), place()].sort((x, y) => x - y) as [number, number];
    const kind = Math.floor(random() * 6);
    if (kind === 0 && bytes.length > 0) bytes[a % bytes.length]! ^= 1 << Math.floor(random() * 8);
    else if (kind === 1) bytes = bytes.subarray(0, a);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, b), original]);
    else if (kind === 4) bytes.fill(Math.floor(random() * 256), a, Math.min(b, a + 200));
    else for (let i = a; i < Math.min(b, a + 50); i += 1) bytes[i] = Math.floor(random() * 256);
  }
  return bytes;
}

describe.each([propheseeRaw, nmnistBin] as Codec[])("$id: $label", (codec) => {
  test(`${MUTATIONS} damaged files are read or refused, and read alike twice`, async () => {
    const random = seeded(11);
    const sink = memorySink();
    const target = await codec.create!(sink, { sensor, label: "x" }, { date: "2024-01-01 00:00:00" });
    await target.write(packetOf(randomEvents(random, 400, sensor)));
    const original = sink.bytes();
    let read = 0;
    for (let round = 0; round < MUTATIONS; round += 1) {
      const bytes = mutate(random, original);
      codec.probe(bytes.subarray(0, 4096), "x", bytes.length);
      try {
        const recording = await codec.open(sourceOf(bytes));
        const { width, height } = recording.info.sensor;
        const counts: number[] = [];
        for (let pass = 0; pass < 2; pass += 1) {
          let events = 0;
          for await (const { t0, words } of recording.read({})) {
            events += words.length / 2;
            expect(t0).toBeGreaterThanOrEqual(0);
            let bad = 0;
            for (let i = 1; i < words.length; i += 2)
              if ((words[i]! & 0x3fff) >= width || ((words[i]! >>> 14) & 0x3fff) >= height) bad += 1;
            expect(bad).toBe(0);
          }
          counts.push(events);
        }
        expect(counts[1]).toBe(counts[0]);
        for (const { offset, bytes: length } of recording.report().damage) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(bytes.length);
        }
        read += 1;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        expect(["empty", "damaged", "unsupported", "unknown-format"]).toContain(error.code);
      }
    }
    expect(read).toBeGreaterThan(MUTATIONS / 2);
  });
});
