import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { evt21Bytes, evt4Bytes } from "#main/units/encodings/testing/prophesee-words.ts";
import { parseHeader } from "../prophesee/header.ts";
import { memorySink } from "../testing/files.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { propheseeRaw, propheseeRawEvt2 } from "./prophesee-raw.ts";

const sensor = { width: 128, height: 128 };

/** A file of each kind of words, one without an end line, one without any header, and two joined. */
export async function seeds(): Promise<readonly SeedFile[]> {
  const rows = randomEvents(seeded(21), 400, sensor, 0.05);
  const triggers = [1, 0].map((value, i) => ({ t: rows[100 * (i + 1)]![0], channel: 6, value }));
  const written = async (codec: typeof propheseeRaw | typeof propheseeRawEvt2): Promise<Uint8Array> => {
    const sink = memorySink();
    const target = await codec.create(sink, { sensor, label: "seed" }, { date: "2024-01-01 00:00:00" });
    await target.write({ ...packetOf(rows), beside: { triggers } });
    await target.close();
    return sink.bytes();
  };
  const behind = (encoding: string, words: Uint8Array): Uint8Array => {
    const header = propheseeRaw.header(encoding, { sensor, label: "seed" }, { date: "2024-01-01 00:00:00" });
    return Buffer.concat([header ?? new Uint8Array(0), words]);
  };
  const [evt2, evt3] = [await written(propheseeRawEvt2), await written(propheseeRaw)];
  const wordsOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(parseHeader(bytes).length);
  const files: readonly (readonly [name: string, bytes: Uint8Array, codec?: string])[] = [
    ["evt2.raw", evt2],
    ["evt21-little.raw", behind("evt21", evt21Bytes({ rows, triggers }, "little"))],
    ["evt21-legacy.raw", behind("evt21-legacy", evt21Bytes({ rows, triggers }, "legacy"))],
    ["evt3.raw", evt3],
    ["evt4.raw", behind("evt4", evt4Bytes({ rows, triggers }))],
    ["no-end-line.raw", Buffer.concat([Buffer.from("% evt 2.0\n% system_ID 2\n"), wordsOf(evt2)])],
    ["no-header.raw", wordsOf(evt3)],
    ["joined.raw", Buffer.concat([evt3.subarray(0, evt3.length - 1), evt3])],
    ["written.raw", evt2, propheseeRawEvt2.id],
  ];
  return files.map(([name, bytes, codec = propheseeRaw.id]) => ({ codec, name, bytes }));
}
