import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { codecs } from "#main/units/codecs/index.ts";
import { fuzzInput } from "#main/units/codecs/testing/fuzz-input.ts";
import type { FuzzMessage, FuzzTask } from "#main/units/codecs/testing/fuzz-worker.ts";

/*
 * node scripts/fuzz.ts [--inputs N] [--codec ID]… [--from I] [--out DIR]
 *   Tries N mutated files on every codec, in threads that are ended when an input takes too long or too much memory. Inputs are
 *   numbered and repeatable; what fails is written to DIR, to become a regression file.
 */

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "10000" },
    codec: { type: "string", multiple: true, default: [] },
    from: { type: "string", default: "0" },
    out: { type: "string", default: "fuzz-failures" },
  },
});

/** An input that takes longer counts as a hang. */
const HANG_MS = 15_000;
const BATCH = 5000;
const MEMORY_MB = 1024;

interface Tally {
  tried: number;
  read: number;
  refused: number;
  failed: number;
}

async function keep(codec: string, input: number, message: string): Promise<void> {
  const { bytes } = await fuzzInput(codec, input);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, `${codec}-${input}.bin`), bytes);
  console.error(`${codec} input ${input}: ${message}`);
}

/** Runs one batch; answers the input behind the last one tried, so that a hang costs one input and not the batch. */
function batch(codec: string, first: number, count: number, tally: Tally): Promise<number> {
  return new Promise((resolve, reject) => {
    const progress = new SharedArrayBuffer(4);
    const at = new Int32Array(progress);
    Atomics.store(at, 0, first);
    const task: FuzzTask = { codec, first, count, progress };
    const worker = new Worker(new URL("../src-main/units/codecs/testing/fuzz-worker.ts", import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    let last = first;
    let since = Date.now();
    let ended = false;
    const end = (next: number): void => {
      if (ended) return;
      ended = true;
      clearInterval(watch);
      tally.tried += next - first;
      void worker.terminate().then(() => resolve(next), reject);
    };
    const fail = (message: string): void => {
      const input = Atomics.load(at, 0);
      tally.failed += 1;
      keep(codec, input, message).then(() => end(input + 1), reject);
    };
    const watch = setInterval(() => {
      const now = Atomics.load(at, 0);
      if (now !== last) {
        last = now;
        since = Date.now();
      } else if (Date.now() - since > HANG_MS) fail(`no end after ${HANG_MS / 1000} s`);
    }, 1000);
    worker.on("message", (message: FuzzMessage) => {
      if (message.kind === "failed") {
        tally.failed += 1;
        void keep(codec, message.input, message.message);
      } else {
        tally.read += message.read;
        tally.refused += message.refused;
        end(first + count);
      }
    });
    worker.on("error", (error) => fail(error instanceof Error ? error.message : String(error)));
  });
}

const wanted = values.codec.length === 0 ? codecs.map(({ id }) => id) : values.codec;
let total = 0;
let failures = 0;
for (const codec of wanted) {
  const began = Date.now();
  const tally: Tally = { tried: 0, read: 0, refused: 0, failed: 0 };
  const [from, inputs] = [Number(values.from), Number(values.inputs)];
  for (let next = from; next < from + inputs;) next = await batch(codec, next, Math.min(BATCH, from + inputs - next), tally);
  total += tally.tried;
  failures += tally.failed;
  const { tried, read, refused, failed } = tally;
  console.log(
    `${codec.padEnd(18)} ${tried} tried, ${read} read, ${refused} refused, ${failed} failed, ${Math.round((Date.now() - began) / 1000)} s`,
  );
}
console.log(`${total} inputs, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
