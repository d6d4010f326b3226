import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seeded } from "#main/lib/testing/random.ts";
import { killedCameras, killRecording, type Killed } from "#main/workers/stream/testing/kill-recording.ts";

/*
 * node scripts/kill-recordings.ts [--kills 100] [--seed 1] [--at-once 4]
 *   Records an emulated camera in a process of its own, kills it (SIGKILL) after 0.1 to 3 s, and looks at the file: it has to open, to
 *   hold everything that was sent until a second before, and to become the file it was meant to be.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "4" },
  },
});
const random = seeded(Number(values.seed));
const folder = await mkdtemp(join(tmpdir(), "saccade-kills-"));
const failures: string[] = [];
const done: Killed[] = [];
/** One recording, and its file taken away again. */
async function one(number: number, afterMs: number): Promise<void> {
  const kind = killedCameras[number % killedCameras.length] ?? "evk4";
  const path = join(folder, `${number}-${kind}.raw`);
  const killed = await killRecording(kind, path, afterMs);
  done.push(killed);
  for (const problem of killed.problems) failures.push(`${number} (${kind}, after ${afterMs} ms): ${problem}`);
  const { heldBytes, dueBytes, events } = killed;
  console.log(`${number} ${kind} after ${afterMs} ms: ${heldBytes} bytes held, ${dueBytes} due, ${events} events`);
  for (const end of [path, path.replace(/\.raw$/, ".aedat4")]) {
    await rm(end, { force: true });
    await rm(`${end}.json`, { force: true });
  }
}

const kills = Number(values.kills);
try {
  let number = 0;
  const worker = async (): Promise<void> => {
    while (number < kills) await one(number++, 100 + Math.floor(2900 * random()));
  };
  await Promise.all(Array.from({ length: Number(values["at-once"]) }, worker));
} finally {
  await rm(folder, { recursive: true, force: true });
}
const bytes = done.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
const short = done.filter(({ heldBytes, sentBytes }) => heldBytes < sentBytes).length;
console.log(
  `${done.length} recordings killed, ${failures.length} problems; ${(bytes / 1e6).toFixed(0)} MB held, ${short} files lack something of the last second`,
);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
