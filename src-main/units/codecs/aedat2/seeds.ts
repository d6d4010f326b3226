import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { aedat2 } from "./aedat2.ts";

/** A file of each family of addresses, with external events; the DAVIS one has a frame and inertial readings as well. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const sizes = [
    { width: 128, height: 128 },
    { width: 346, height: 260 },
  ];
  return Promise.all(
    sizes.map(async (sensor) => {
      const rows = randomEvents(seeded(sensor.width), 300, sensor);
      const sink = memorySink();
      const target = await aedat2.create(sink, { sensor, label: "seed" });
      const triggers = [1, 0].map((value, i) => ({ t: rows[100 * (i + 1)]![0], channel: 0, value }));
      await target.write({ ...packetOf(rows), beside: { triggers } });
      await target.close();
      const { width } = sensor;
      const end = rows.at(-1)[0];
      const more = width === 128 ? [] : [...inertialWords(end), ...pixelWords(end)];
      const bytes = Buffer.concat([sink.bytes(), ...more.map(([address, time]) => record(address, time))]);
      return { codec: "aedat2", name: `seed-${width}.aedat`, bytes };
    }),
  );
}

type Word = readonly [address: number, time: number];

function record(address: number, time: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(address >>> 0);
  bytes.writeUInt32BE(time, 4);
  return bytes;
}

const inertialWords = (t: number): Word[] =>
  [100, -8000, 300, -2000, 20, -30, 40].map((value, channel) => [0x8000_0c00 | (channel << 28) | ((value & 0xffff) << 12), t]);

/** A part of a frame: a whole one would make most of the file. */
const pixelWords = (t: number): Word[] =>
  Array.from({ length: 64 }, (_, i) => [0x8000_0000 | (i << 12) | ((i & 1) << 10) | (1000 - i), t + i]);
