import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import type { Codec } from "#main/units/codecs/codec.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { propheseeDat } from "#main/units/codecs/prophesee-dat/prophesee-dat.ts";
import { propheseeRaw, propheseeRawEvt2 } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";
import { syntheticEvt3 } from "#main/units/codecs/synthetic-stream.ts";
import { memorySink } from "#main/units/codecs/testing/files.ts";

/*
 * SACCADE_PYTHON=PYTHON node bench/expelliarmus.ts [--events n]
 * Whole recordings from file to events, by us and by expelliarmus (a C library with a Python face), one after the other in one run.
 * Neither keeps the other's numbers: we lend packets, expelliarmus makes one array of all events.
 */

const run = promisify(execFile);
const PASSES = 5;
const sensor = { width: 1280, height: 720 };

async function written(codec: Pick<Codec, "create">, words: Uint8Array): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await codec.create?.(sink, { sensor, label: "bench" });
  const decoder = evt3.createDecoder(sensor);
  const writer = new PacketWriter();
  for (let at = 0; at < words.length;) {
    at += decoder.decode(words.subarray(at, at + (1 << 22)), writer);
    await target?.write(writer.take());
  }
  await target?.close();
  return sink.bytes();
}

async function ours(path: string): Promise<{ readonly events: number; readonly seconds: number }> {
  let best = { events: 0, seconds: Infinity };
  for (let i = 0; i < PASSES; i += 1) {
    const { recording } = await openRecording(path);
    const began = performance.now();
    let events = 0;
    for await (const { words } of recording.read({})) events += words.length >>> 1;
    const seconds = (performance.now() - began) / 1000;
    await recording.close();
    if (seconds < best.seconds) best = { events, seconds };
  }
  return best;
}

const python = process.env["SACCADE_PYTHON"];
const at = process.argv.indexOf("--events");
const { words } = syntheticEvt3(at < 0 ? 4_000_000 : Number(process.argv[at + 1]), sensor);
const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
const folder = await mkdtemp(join(tmpdir(), "saccade-bench-"));
try {
  for (const [name, codec, file] of [
    ["EVT3", propheseeRaw, "evt3.raw"],
    ["EVT2", propheseeRawEvt2, "evt2.raw"],
    ["DAT", propheseeDat, "cd.dat"],
  ] as const) {
    const path = join(folder, file);
    await writeFile(path, await written(codec, bytes));
    const mine = await ours(path);
    const rate = mine.events / mine.seconds;
    console.log(`${name.padEnd(5)} saccade       ${(rate / 1e6).toFixed(1).padStart(7)} M events/s  (${mine.events} events)`);
    if (python === undefined) {
      console.log(`${name.padEnd(5)} expelliarmus  skipped: SACCADE_PYTHON names no Python that has it`);
      continue;
    }
    const script = join(import.meta.dirname, "read_expelliarmus.py");
    const { stdout } = await run(python, [script, name.toLowerCase(), path, String(PASSES)]);
    const [events = 0, seconds = 0] = stdout.trim().split(" ").map(Number);
    const theirs = events / seconds;
    const ratio = (rate / theirs).toFixed(2);
    console.log(
      `${name.padEnd(5)} expelliarmus  ${(theirs / 1e6).toFixed(1).padStart(7)} M events/s  (${events} events): ours ${ratio} ×`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
