import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "#shared/channel/channel.ts";
import type { StreamApi, StreamWorkerApi } from "#shared/api/stream-api.ts";
import { forkNode } from "#main/hosts/common/fork-node.ts";
import { syntheticEvt3 } from "#main/units/codecs/synthetic-stream.ts";

/*
 * node bench/large-file.ts [--gigabytes 4] [--keep]
 *   Makes an EVT 3.0 recording larger than memory should hold and measures, in the process that does the work: looking into it,
 *   the first picture, seeks before and after the index is there, conversion, and the largest resident memory at each point.
 */

const { values } = parseArgs({
  options: { gigabytes: { type: "string", default: "4" }, keep: { type: "boolean", default: false } },
});
const bytes = Number(values.gigabytes) * 2 ** 30;
const folder = join(tmpdir(), "saccade-large");
const input = join(folder, `generated-${values.gigabytes}gb.raw`);
const output = join(folder, `out-${randomBytes(4).toString("hex")}.raw`);

/** Largest resident memory of a process so far, MB. */
function peakMb(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

async function make(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const there = await stat(input).catch(() => undefined);
  if (there !== undefined && there.size >= bytes) return;
  const sensor = { width: 1280, height: 720 };
  // One stretch of words again and again, each time with the clock going on: 24 bits and turns, as a camera's would.
  const { words } = syntheticEvt3(8_000_000, sensor);
  const file = await open(input, "w");
  await file.write("% evt 3.0\n% format EVT3;height=720;width=1280\n% generated yes\n% end\n");
  const block = Uint16Array.from(words);
  const spanHigh = 1 + words.reduce((last, word) => ((word & 0xf000) === 0x8000 ? word & 0xfff : last), 0);
  for (let written = 0, round = 0; written < bytes; written += block.byteLength, round += 1) {
    for (let i = 0; i < words.length; i += 1) {
      const word = words[i] ?? 0;
      block[i] = (word & 0xf000) === 0x8000 ? 0x8000 | ((word + round * spanHigh) & 0xfff) : word;
    }
    await file.write(new Uint8Array(block.buffer));
  }
  await file.close();
}

async function worker(): Promise<{ api: StreamWorkerApi; stream: StreamApi; pid: number; end: () => Promise<void> }> {
  const process = await forkNode("stream", { env: { SACCADE_CACHE: join(folder, "cache") } });
  const api = connect<StreamWorkerApi & { readonly stream: StreamApi }>(process.port);
  return {
    api,
    stream: api.stream,
    pid: process.pid ?? 0,
    end: async () => {
      process.kill();
      await process.exited;
    },
  };
}

const say = (what: string, ms: number, pid: number): void =>
  console.log(`${what.padEnd(44)} ${(ms / 1000).toFixed(2).padStart(8)} s   peak ${String(peakMb(pid)).padStart(4)} MB`);

async function timed<T>(what: string, pid: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  say(what, performance.now() - began, pid);
  return result;
}

/** The first picture with something in it: a window after the start. */
async function firstPicture(stream: StreamApi): Promise<void> {
  const { range } = await stream.info();
  await stream.seek((range?.start ?? 0) + 20_000);
  for await (const frame of stream.view({ windowUs: 20_000 })) {
    if (frame.kind === "counts" ? frame.events > 0 : frame.packet.words.length > 0) return;
  }
}

await make();
await rm(join(folder, "cache"), { recursive: true, force: true });
const { size } = await stat(input);
console.log(`${input}: ${(size / 2 ** 30).toFixed(2)} GiB`);

const looking = await worker();
const found = await timed("info: every event once", looking.pid, () => looking.api.inspect(input, { digest: false }));
console.log(`  ${found.events} events over ${((found.range.end - found.range.start) / 1e6).toFixed(1)} s`);
await looking.end();

const player = await worker();
await timed("first picture, span known from the library", player.pid, async () => {
  await player.api.open({ kind: "recording", path: input, range: found.range });
  await firstPicture(player.stream);
});
const middle = Math.round((found.range.start + found.range.end) / 2);
await timed("seek to the middle, no index yet", player.pid, () => player.stream.seek(middle));
for (let i = 0; i < 5; i += 1) {
  const t = Math.round(found.range.start + ((i + 0.5) / 5) * (found.range.end - found.range.start));
  await timed(`seek to ${(t / 1e6).toFixed(1)} s`, player.pid, () => player.stream.seek(t));
}
await player.end();

const fresh = await worker();
await timed("first picture, nothing known (builds the index)", fresh.pid, async () => {
  await fresh.api.open({ kind: "recording", path: input });
  await firstPicture(fresh.stream);
});
await timed("seek to the end, index there", fresh.pid, () => fresh.stream.seek(found.range.end - 1_000_000));
await fresh.end();

const converter = await worker();
await timed("convert to EVT 3.0 again", converter.pid, async () => {
  for await (const step of converter.api.convert({ input, output }))
    if (step.kind === "done") console.log(`  ${step.events} events, ${(step.bytes / 2 ** 30).toFixed(2)} GiB`);
});
await converter.end();
await rm(output, { force: true });
if (!values.keep) await rm(folder, { recursive: true, force: true });
