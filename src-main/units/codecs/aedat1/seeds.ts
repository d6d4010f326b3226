import { seeded } from "#main/lib/testing/random.ts";
import { aedatDvs128Short } from "#main/units/encodings/aedat-address/aedat-address.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import type { SeedFile } from "../testing/seeds.ts";

const HEADER = "#!AER-DAT1.0\r\n# This is a raw AE data file - do not edit\r\n";

/** AEDAT 1 with its header and without one. */
export function seeds(): Promise<readonly SeedFile[]> {
  const sensor = { width: 128, height: 128 };
  const records = aedatDvs128Short.createEncoder(sensor).encode(packetOf(randomEvents(seeded(6), 400, sensor)));
  return Promise.resolve([
    { codec: "aedat1", name: "seed.dat", bytes: Buffer.concat([Buffer.from(HEADER, "latin1"), records]) },
    { codec: "aedat1", name: "bare.dat", bytes: records.slice() },
  ]);
}
