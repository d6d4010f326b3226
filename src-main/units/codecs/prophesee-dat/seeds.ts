import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { propheseeDat } from "./prophesee-dat.ts";

const sensor = { width: 128, height: 128 };

/** A file of each version, one of triggers, one without an end line whose times turn, and two joined. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const rows = randomEvents(seeded(22), 400, sensor, 0.05);
  const sink = memorySink();
  const target = await propheseeDat.create(sink, { sensor, label: "seed" }, { date: "2024-01-01 00:00:00" });
  await target.write(packetOf(rows));
  await target.close();
  const two = sink.bytes();
  const file = (lines: string, type: number, words: readonly number[]): Uint8Array =>
    Buffer.concat([Buffer.from(lines), Uint8Array.of(type, 8), new Uint8Array(Uint32Array.from(words).buffer)]);
  const old = rows.flatMap(([t, x, y, p]) => [t, p * 2 ** 17 + y * 2 ** 9 + x]);
  const turning = rows.flatMap(([t, x, y, p]) => [(t + 2 ** 32 - 500_000) % 2 ** 32, p * 2 ** 28 + y * 2 ** 14 + x]);
  const edges = Array.from({ length: 60 }, (_, i) => [10_000 * i, 2 ** 26 * (i % 64) + (i % 2)]).flat();
  const files = [
    ["version-2.dat", two],
    ["version-1.dat", file("% Version 1\n% end\n", 0, old)],
    ["no-end-line.dat", file("% Version 2\n% Width 128\n% Height 128\n", 0, turning)],
    ["triggers.dat", file("% Version 2\n% Width 128\n% Height 128\n% end\n", 14, edges)],
    ["joined.dat", Buffer.concat([two.subarray(0, two.length - 3), two])],
  ] as const;
  return files.map(([name, bytes]) => ({ codec: propheseeDat.id, name, bytes }));
}
