import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { libraryFile } from "../hdf5/testing/library-files.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { dsecSink } from "./sink.ts";

const sensor = { width: 640, height: 480 };
const rows = randomEvents(seeded(41), 300, sensor);

/** One file as it is written here, one with small gzip chunks and one in newer structures. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const sink = memorySink();
  const target = await dsecSink(sink, sensor, { t_offset: "49599300523" });
  await target.write(packetOf(rows));
  await target.close();
  const theirs = (libver: "earliest" | "latest"): Promise<Uint8Array> =>
    libraryFile(
      (file) => {
        const group = file.create_group("events");
        const packed = { chunks: [50], compression: "gzip" as const };
        group.create_dataset({ name: "x", data: Uint16Array.from(rows, ([, x]) => x), ...packed });
        group.create_dataset({ name: "y", data: Uint16Array.from(rows, ([, , y]) => y), ...packed });
        group.create_dataset({ name: "t", data: Uint32Array.from(rows, ([t]) => t), ...packed });
        group.create_dataset({ name: "p", data: Uint8Array.from(rows, ([, , , p]) => p), ...packed });
        file.create_dataset({ name: "t_offset", data: BigInt64Array.of(7n), shape: [] });
        file.create_dataset({ name: "ms_to_idx", data: BigUint64Array.of(0n), shape: [1] });
      },
      { libver },
    );
  return [
    { codec: "dsec-hdf5", name: "ours.h5", bytes: sink.bytes() },
    { codec: "dsec-hdf5", name: "theirs.h5", bytes: await theirs("earliest") },
    { codec: "dsec-hdf5", name: "new.h5", bytes: await theirs("latest") },
  ];
}
