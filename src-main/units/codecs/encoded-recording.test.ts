import { describe, expect, test } from "vitest";
import { sourceOf, type ByteSource } from "#main/lib/files.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { decodeAll } from "#main/units/encodings/testing/events.ts";
import { propheseeRaw } from "./prophesee-raw/prophesee-raw.ts";
import { syntheticEvt3 } from "./synthetic-stream.ts";
import { rowsFrom } from "./testing/files.ts";

const sensor = { width: 1280, height: 720 };
const header = Buffer.from("% evt 3.0\n% format EVT3;height=720;width=1280\n% date 2024-01-01 00:00:00\n% end\n");
const CHUNK = 1 << 20;

const stream = syntheticEvt3(700_000, sensor);
const bytes = new Uint8Array(stream.words.buffer, 0, stream.words.byteLength);
const second = Buffer.concat([header, bytes.subarray(0, 3000)]);
const secondRows = decodeAll(evt3.createDecoder(sensor), bytes.subarray(0, 3000));

describe("recordings larger than what is read at once", () => {
  // so far from the end of the first chunk that the header begins before it, on it, in its last line, and behind it
  test.each([-40, -3, 1, 900])("a joint %d bytes from the border of a chunk", async (shift) => {
    const first = bytes.subarray(0, CHUNK + shift);
    const recording = await propheseeRaw.open(sourceOf(Buffer.concat([header, first, second])));
    const found = await rowsFrom(recording.read({}));
    const expected = decodeAll(evt3.createDecoder(sensor), first);
    expect(found.length).toBe(expected.length + secondRows.length);
    expect(found[expected.length - 1]).toEqual(expected.at(-1));
    expect(found.slice(expected.length)).toEqual(secondRows);
    const joint = recording.report().damage.find(({ reason }) => reason.includes("second recording"));
    expect(joint).toMatchObject({ offset: header.length + first.length, bytes: header.length });
  });

  test("it reads a piece at a time and keeps nothing", async () => {
    const file = Buffer.concat([header, ...new Array<Uint8Array>(8).fill(bytes)]);
    const lengths: number[] = [];
    const source: ByteSource = {
      ...sourceOf(file),
      read: (offset, length, into) => {
        lengths.push(length);
        return sourceOf(file).read(offset, length, into);
      },
    };
    const recording = await propheseeRaw.open(source);
    const buffers = new Set<ArrayBufferLike>();
    let events = 0;
    for await (const packet of recording.read({})) {
      buffers.add(packet.words.buffer);
      events += packet.words.length >>> 1;
    }
    expect(events).toBe(8 * stream.events);
    expect(Math.max(...lengths)).toBeLessThan(1.1 * CHUNK);
    expect(buffers.size).toBeLessThan(10);
    expect(recording.info.range).toBeUndefined();
    for await (const entry of recording.buildIndex(100_000)) void entry;
    expect(recording.info.range?.start).toBe(1);
  });

  test("a consumer that leaves early still gets a report of what was read", async () => {
    const recording = await propheseeRaw.open(sourceOf(Buffer.concat([header, Buffer.from([1, 0x20]), bytes, bytes, bytes])));
    for await (const packet of recording.read({})) if (packet.words.length > 0) break;
    expect(recording.report().dropped).toEqual({ "before the first time": 1 });
  });
});
