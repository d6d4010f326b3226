import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { nmnistBin } from "./nmnist-bin.ts";

const sensor = { width: 34, height: 34 };
const rows = randomEvents(seeded(2), 2000, sensor).filter(([t]) => t < 8_000_000);

async function recorded(): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await nmnistBin.create(sink, { sensor, label: "x" });
  await target.write(packetOf(rows));
  await target.close();
  return sink.bytes();
}

describe("N-MNIST files", () => {
  test("what is written is read back; the range and the sensor are known at once", async () => {
    const recording = await nmnistBin.open(sourceOf(await recorded(), "a/b/00001.bin"));
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.info).toEqual({ sensor, label: "00001.bin", range: { start: rows[0]![0], end: rows.at(-1)[0] + 1 } });
  });

  test("a part of it", async () => {
    const recording = await nmnistBin.open(sourceOf(await recorded()));
    const from = rows[500]![0];
    const to = rows[900]![0];
    expect(await rowsFrom(recording.read({ from, to }))).toEqual(rows.filter(([t]) => t >= from && t < to));
  });

  test("bytes behind the last record are reported", async () => {
    const bytes = Buffer.concat([await recorded(), Uint8Array.of(1, 2, 3)]);
    const recording = await nmnistBin.open(sourceOf(bytes));
    expect((await rowsFrom(recording.read({}))).length).toBe(rows.length);
    expect(recording.report().damage).toMatchObject([{ offset: bytes.length - 3, bytes: 3 }]);
  });

  test("told by its content; a name lets a damaged one pass; noise and text are refused", async () => {
    const bytes = (await recorded()).subarray(0, 4096);
    expect(nmnistBin.probe(bytes, "x.dat")).toBe(true);
    const hurt = bytes.slice();
    for (let i = 0; i < 20; i += 1) hurt[200 * i + 3] = 255 - hurt[200 * i + 3]!;
    expect(nmnistBin.probe(hurt, "x.dat")).toBe(false);
    expect(nmnistBin.probe(hurt, "x.bin")).toBe(true);
    const random = seeded(1);
    const noise = Uint8Array.from({ length: 4096 }, () => Math.floor(256 * random()));
    expect(nmnistBin.probe(noise, "x.bin")).toBe(false);
    expect(nmnistBin.probe(Buffer.from("t,x,y,p\n1,2,3,4\n1,2,3,4\n"), "x.bin")).toBe(false);
  });

  test("less than a record is empty", async () => {
    await expect(nmnistBin.open(sourceOf(new Uint8Array(0)))).rejects.toMatchObject({ code: "empty" });
    await expect(nmnistBin.open(sourceOf(new Uint8Array(4)))).rejects.toMatchObject({ code: "empty" });
  });
});
