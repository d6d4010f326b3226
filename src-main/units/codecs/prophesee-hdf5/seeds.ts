import { seeded } from "#main/lib/testing/random.ts";
import { packXyp } from "#shared/events/packet.ts";
import { randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { Hdf5Writer } from "../hdf5/writer.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { EcfEncoder } from "./ecf-encode.ts";
import { ecfFilter, eventType, triggerType } from "./layout.ts";

const ROWS = 64;

/** A small file in the vendor's layout whose chunks take turns with the packings. */
async function smallFile(rows: readonly EventRow[], packings: readonly number[], triggers: number): Promise<Uint8Array> {
  const sink = memorySink();
  const writer = await Hdf5Writer.create(sink);
  const events = writer.list("CD/events", eventType, ROWS, [ecfFilter]);
  const encoder = new EcfEncoder(ROWS);
  for (let i = 0; i < rows.length; i += ROWS) {
    const part = rows.slice(i, i + ROWS);
    const times = Float64Array.from(part, ([t]) => t);
    const xyp = Uint32Array.from(part, ([, x, y, p]) => packXyp(x, y, p));
    const packing = packings[(i / ROWS) % packings.length]!;
    await events.addStored(encoder.encode(times, xyp, part.length, packing), part.length);
  }
  const list = writer.list("EXT_TRIGGER/events", triggerType, 16);
  const view = new DataView(new ArrayBuffer(triggerType.bytes * triggers));
  for (let i = 0; i < triggers; i += 1) {
    view.setInt16(triggerType.bytes * i, i % 2, true);
    view.setBigInt64(triggerType.bytes * i + 8, BigInt((rows[20 * i]?.[0] ?? 0) + 1), true);
  }
  if (triggers > 0) await list.add(new Uint8Array(view.buffer), triggers);
  writer.attribute("", "geometry", "240x180");
  writer.attribute("", "version", "1.0");
  await writer.finish();
  return sink.bytes();
}

/** Files with each packing, with triggers and without. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const rows = randomEvents(seeded(21), 400, { width: 240, height: 180 });
  const file = async (name: string, packings: readonly number[], triggers: number): Promise<SeedFile> => ({
    codec: "prophesee-hdf5",
    name: `${name}.hdf5`,
    bytes: await smallFile(rows, packings, triggers),
  });
  return [await file("lists", [0, 1, 2], 10), await file("columns", [1], 0), await file("together", [2], 16)];
}
