import { seeded } from "#main/lib/testing/random.ts";
import { randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { libraryFile } from "../hdf5/testing/library-files.ts";
import type { SeedFile } from "../testing/seeds.ts";

const EVENTS = 300;
const sensor = { width: 240, height: 180 };

/** Events of the seed files. */
export const seedRows: readonly EventRow[] = randomEvents(seeded(31), EVENTS, sensor);

const column = <T>(at: 0 | 1 | 2 | 3, make: (values: number[]) => T): T => make(seedRows.map((row) => row[at]));

/** Columns in a group, as M3ED and most libraries have them. */
export const columnsFile = (
  names: readonly [x: string, y: string, t: string, p: string],
  libver: "earliest" | "v108" | "latest" = "earliest",
): Promise<Uint8Array> =>
  libraryFile(
    (file) => {
      const group = file.create_group("events");
      const chunked = { chunks: [64], compression: "gzip" as const };
      group.create_dataset({ name: names[0], data: column(1, (values) => Uint16Array.from(values)), ...chunked });
      group.create_dataset({ name: names[1], data: column(2, (values) => Uint16Array.from(values)), ...chunked });
      group.create_dataset({ name: names[2], data: column(0, (values) => BigInt64Array.from(values, BigInt)), ...chunked });
      group.create_dataset({ name: names[3], data: column(3, (values) => Int8Array.from(values)), ...chunked });
      file.create_attribute("width", sensor.width);
      file.create_attribute("height", sensor.height);
    },
    { libver },
  );

/** Two matrices of doubles with seconds, as MVSEC has them. */
export const matrixFile = (): Promise<Uint8Array> =>
  libraryFile((file) => {
    const davis = file.create_group("davis");
    if (davis === null || !("create_group" in davis)) throw new Error("a group expected");
    for (const side of ["left", "right"]) {
      const rows = side === "left" ? seedRows : seedRows.slice(0, 100);
      const data = Float64Array.from(rows.flatMap(([t, x, y, p]) => [x, y, 1_600_000_000 + t / 1e6, 2 * p - 1]));
      const group = davis.create_group(side);
      group.create_dataset({ name: "events", data, shape: [rows.length, 4], chunks: [50, 1], compression: "gzip" });
    }
  });

/** Columns, records and matrices, in old structures and in new ones. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const file = (name: string, bytes: Uint8Array): SeedFile => ({ codec: "hdf5-columns", name: `${name}.h5`, bytes });
  return [
    file("columns", await columnsFile(["x", "y", "t", "p"])),
    file("plural", await columnsFile(["xs", "ys", "ts", "ps"], "v108")),
    file("new", await columnsFile(["x", "y", "timestamps", "pol"], "latest")),
    file("matrix", await matrixFile()),
  ];
}
