import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { nmnistBin } from "./nmnist-bin.ts";

/** A clip, and one that runs on behind 8.39 s. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const sensor = { width: 34, height: 34 };
  const files: SeedFile[] = [];
  for (const [name, laterUs] of [
    ["clip.bin", 0],
    ["long.bin", 20_000_000],
  ] as const) {
    const sink = memorySink();
    const target = await nmnistBin.create(sink, { sensor, label: name });
    const rows = randomEvents(seeded(3), 400, sensor, 0.1);
    const [t] = rows.at(-1);
    await target.write(packetOf([...rows, [t + laterUs, 1, 2, 1]]));
    await target.close();
    files.push({ codec: nmnistBin.id, name, bytes: sink.bytes() });
  }
  return files;
}
