import { seeded } from "#main/lib/testing/random.ts";
import { davisBytes, dvs128Bytes, dvxplorerBytes, miniBytes, risingRows } from "#main/units/encodings/testing/inivation-words.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { writeWireHeader } from "./header.ts";
import { wire } from "./wire.ts";

const sensor = { width: 128, height: 128 };

/** A file of each camera's words. */
export function seeds(): Promise<readonly SeedFile[]> {
  const rows = risingRows(seeded(31), 300, sensor);
  const makers = {
    "davis-usb": davisBytes,
    "dvxplorer-usb": dvxplorerBytes,
    "dvxplorer-mini-usb": miniBytes,
    "dvs128-usb": dvs128Bytes,
  };
  return Promise.resolve(
    Object.entries(makers).map(([encoding, make]) => {
      const header = writeWireHeader(encoding, { sensor, label: "seed" }, { serial_number: "7" }, {});
      return { codec: wire.id, name: `${encoding}.wire`, bytes: Buffer.concat([header, make(rows)]) };
    }),
  );
}
