import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { rootDir } from "#main/lib/paths.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { evt3Block, evt3Blocks } from "#main/units/drivers/testing/block-feed.ts";
import { settledPath } from "../settle.ts";

/** Cameras whose recording is killed: one whose file is final from the start, one that is rewritten afterwards. */
export const killedCameras = ["evk4", "davis346"] as const;
export type KilledCamera = (typeof killedCameras)[number];

/** What was left of a recording whose process was killed. */
export interface Killed {
  readonly afterMs: number;
  /** What the sensor had sent a second before it was killed, and at the end; what the file holds of it. */
  readonly dueBytes: number;
  readonly sentBytes: number;
  readonly heldBytes: number;
  readonly events: number;
  /** Against all of this. */
  readonly problems: readonly string[];
}

/** Million events/s of the emulated EVK4. */
const EVK4_RATE = 2;
/** All but so much has to be there, ms. */
const MAY_MISS_MS = 1000;

/** Events that can be read, and what a reader says is wrong. */
async function read(path: string): Promise<{ readonly events: number; readonly damage: readonly { readonly offset: number }[] }> {
  const { recording } = await openRecording(path);
  try {
    let events = 0;
    for await (const { words } of recording.read({})) events += words.length >>> 1;
    return { events, damage: recording.report().damage };
  } finally {
    await recording.close();
  }
}

/** Whether these bytes are the beginning of what the emulated EVK4 sends. */
function isBeginning(bytes: Uint8Array): boolean {
  const make = evt3Blocks(evt3Block(EVK4_RATE));
  for (let number = 0, at = 0; at < bytes.length; number++) {
    const block = make(number);
    const part = bytes.subarray(at, at + block.length);
    if (Buffer.compare(part, block.subarray(0, part.length)) !== 0) return false;
    at += block.length;
  }
  return true;
}

/** Records an emulated camera in a process of its own, kills that (SIGKILL) and looks at what is left. */
export async function killRecording(kind: KilledCamera, path: string, afterMs: number): Promise<Killed> {
  const script = join(import.meta.dirname, "record-emulated.ts");
  const child = spawn(process.execPath, [script, path, kind, ...(kind === "evk4" ? [String(EVK4_RATE)] : [])], {
    cwd: rootDir,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  const told: { readonly ms: number; readonly sent: number }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let killedMs = Infinity;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "recording") {
      timer = setTimeout(() => {
        killedMs = Number(process.hrtime.bigint() / 1_000_000n);
        child.kill("SIGKILL");
      }, afterMs);
      continue;
    }
    const [ms = 0, sent = 0] = line.split(" ").map(Number);
    told.push({ ms, sent });
  }
  clearTimeout(timer);
  const problems: string[] = [];
  if ((await exited) !== "SIGKILL") problems.push("the process ended by itself");
  const dueBytes = told.findLast(({ ms }) => ms <= killedMs - MAY_MISS_MS)?.sent ?? 0;
  const sentBytes = told.at(-1)?.sent ?? 0;

  const sidecar = await readSidecar(path);
  if (sidecar?.state !== "recording") problems.push("its sidecar does not say that it was being recorded");
  const file = await readFile(path);
  const mark = kind === "evk4" ? "% end\n" : "\n";
  const payload = file.subarray(file.indexOf(mark) + mark.length);
  if (payload.length < dueBytes) problems.push(`${dueBytes - payload.length} bytes from before the last second are missing`);
  if (kind === "evk4" && !isBeginning(payload)) problems.push("the file does not hold what was sent");
  const raw = await read(path);
  const bad = raw.damage.filter(({ offset }) => offset < file.length - 8);
  if (bad.length > 0) problems.push("damage before its end");
  // What the next start of the program does.
  const settled = await settledPath(path);
  const kept = settled === path ? raw : await read(settled);
  if (kind === "davis346" && settled === path) problems.push("it was not rewritten");
  if (kept.events !== raw.events) problems.push(`${raw.events} events became ${kept.events}`);
  if (dueBytes > 0 && raw.events === 0) problems.push("no event can be read");
  return { afterMs, dueBytes, sentBytes, heldBytes: payload.length, events: raw.events, problems };
}
