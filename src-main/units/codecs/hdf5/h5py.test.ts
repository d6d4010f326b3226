import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { Codec } from "../codec.ts";
import { dsecHdf5 } from "../dsec-hdf5/dsec-hdf5.ts";
import { openPropheseeHdf5 } from "../prophesee-hdf5/file.ts";
import { propheseeHdf5 } from "../prophesee-hdf5/prophesee-hdf5.ts";
import { memorySink } from "../testing/files.ts";

/** A Python that has h5py. */
const python = process.env["SACCADE_PYTHON"];

/** Prints what h5py sees: for each data set its type, shape, chunks and filters, and digests of its elements and stored chunks. */
const PROGRAM = `
import hashlib, json, sys
import h5py

def digest(data):
    return hashlib.sha256(data).hexdigest()

found = {"attributes": {name: str(value) for name, value in h5py.File(sys.argv[1]).attrs.items()}, "datasets": {}}

def note(name, item):
    if not isinstance(item, h5py.Dataset):
        return
    filters = item.id.get_create_plist()
    chunks = []
    if item.chunks:
        for i in range(item.id.get_num_chunks()):
            info = item.id.get_chunk_info(i)
            chunks.append([info.chunk_offset[0], digest(item.id.read_direct_chunk(info.chunk_offset)[1])])
    numbers = [filters.get_filter(i)[0] for i in range(filters.get_nfilters())]
    found["datasets"][name] = {
        "shape": list(item.shape),
        "type": item.dtype.descr if item.dtype.names else item.dtype.str,
        "filters": numbers,
        "chunks": chunks,
        "attributes": {key: str(value) for key, value in item.attrs.items()},
        "digest": None if 36559 in numbers else digest(item[()].tobytes()),
    }

h5py.File(sys.argv[1]).visititems(note)
print(json.dumps(found))
`;

interface Seen {
  readonly attributes: Readonly<Record<string, string>>;
  readonly datasets: Readonly<
    Record<
      string,
      {
        readonly shape: readonly number[];
        readonly type: unknown;
        readonly filters: readonly number[];
        readonly chunks: readonly (readonly [number, string])[];
        readonly attributes: Readonly<Record<string, string>>;
        readonly digest: string | null;
      }
    >
  >;
}

const sensor = { width: 640, height: 480 };
const rows = randomEvents(seeded(51), 40_000, sensor);
const sha = (array: ArrayBufferView): string =>
  createHash("sha256")
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest("hex");

/** For each period from `start` to `last` the number of the first event not before it. */
function firstsFrom(start: number, period: number, last: number): number[] {
  const found: number[] = [];
  let number = 0;
  for (let t = start; t <= last; t += period) {
    while (rows[number]![0] < t) number += 1;
    found.push(number);
  }
  return found;
}

describe.skipIf(python === undefined)("h5py opens what is written here (SACCADE_PYTHON names no Python)", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "saccade-h5py-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function written(codec: Codec, events: readonly EventRow[], metadata = {}): Promise<readonly [Uint8Array, Seen]> {
    const sink = memorySink();
    const target = await codec.create!(sink, { sensor, label: "x" }, metadata);
    if (events.length > 0) {
      const triggers = [{ t: events[0]![0] + 5000, channel: 2, value: 1 }];
      await target.write({ ...packetOf(events), beside: { triggers } });
    }
    await target.close();
    const path = join(folder, "file.h5");
    writeFileSync(path, sink.bytes());
    return [sink.bytes(), JSON.parse(execFileSync(python!, ["-c", PROGRAM, path], { encoding: "utf8" })) as Seen];
  }

  test("DSEC: the arrays are ours", async () => {
    const [, { datasets, attributes }] = await written(dsecHdf5, rows, { t_offset: "12345", name: "é" });
    const digests = {
      "events/x": sha(Uint16Array.from(rows, ([, x]) => x)),
      "events/y": sha(Uint16Array.from(rows, ([, , y]) => y)),
      "events/t": sha(BigInt64Array.from(rows, ([t]) => BigInt(t))),
      "events/p": sha(Uint8Array.from(rows, ([, , , p]) => p)),
    };
    for (const [path, digest] of Object.entries(digests)) expect(datasets[path]).toMatchObject({ digest, filters: [2, 1] });
    const last = rows.reduce((latest, [t]) => Math.max(latest, t), 0);
    const firsts = BigUint64Array.from(firstsFrom(0, 1000, last), BigInt);
    expect(datasets["ms_to_idx"]).toMatchObject({ digest: sha(firsts), type: "<u8" });
    expect(datasets["t_offset"]).toMatchObject({ shape: [], digest: sha(BigInt64Array.of(12_345n)), type: "<i8" });
    expect(attributes).toEqual({ width: "640", height: "480", name: "é" });
  });

  test("Prophesee: structure, stored chunks, triggers and indexes", async () => {
    const [bytes, { datasets, attributes }] = await written(propheseeHdf5, rows, { serial_number: "7" });
    expect(attributes).toEqual({ serial_number: "7", version: "1.0", format: "HDF5", geometry: "640x480" });
    const { events } = await openPropheseeHdf5(sourceOf(bytes));
    expect(datasets["CD/events"]).toMatchObject({ shape: [40_000], filters: [0x8ecf] });
    expect(datasets["CD/events"]?.chunks).toEqual(
      events!.chunks.map(({ first, offset, bytes: length }) => [first, sha(bytes.subarray(offset, offset + length))]),
    );
    expect(datasets["EXT_TRIGGER/events"]?.shape).toEqual([1]);
    const [start] = rows[0]!;
    expect(datasets["CD/indexes"]?.attributes).toEqual({ offset: String(-start) });
    const periods = firstsFrom(start, 2000, rows.at(-1)[0]);
    const index = [0n, -1n, ...periods.flatMap((number) => [BigInt(number), BigInt(rows[number]![0] - start)])];
    expect(datasets["CD/indexes"]).toMatchObject({ shape: [periods.length + 1], digest: sha(BigInt64Array.from(index)) });
  });

  test("recordings without events", async () => {
    for (const codec of [dsecHdf5, propheseeHdf5]) {
      const [, { datasets }] = await written(codec, []);
      for (const path of ["events/x", "CD/events"]) if (datasets[path] !== undefined) expect(datasets[path].shape).toEqual([0]);
      expect(Object.keys(datasets).length).toBeGreaterThan(3);
    }
  });
});
