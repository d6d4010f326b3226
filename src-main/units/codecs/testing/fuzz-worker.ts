import { parentPort, workerData } from "node:worker_threads";
import { codecs } from "../index.ts";
import { fuzzInput } from "./fuzz-input.ts";
import { checkBytes } from "./violations.ts";

/** What a fuzzing thread is given: it tries inputs `first`, `first + 1`, … of a codec until it is ended. */
export interface FuzzTask {
  readonly codec: string;
  readonly first: number;
  readonly count: number;
  /** One 32-bit counter: the input being tried, so that a hang can be named from outside. */
  readonly progress: SharedArrayBuffer;
}

export type FuzzMessage =
  | { readonly kind: "failed"; readonly input: number; readonly message: string }
  | { readonly kind: "done"; readonly read: number; readonly refused: number };

async function work({ codec: id, first, count, progress }: FuzzTask, post: (message: FuzzMessage) => void): Promise<void> {
  const codec = codecs.find((candidate) => candidate.id === id);
  if (codec === undefined) throw new Error(`There is no codec ${id}`);
  const at = new Int32Array(progress);
  const counts = { read: 0, refused: 0 };
  for (let input = first; input < first + count; input += 1) {
    Atomics.store(at, 0, input);
    const { name, bytes } = await fuzzInput(id, input);
    try {
      counts[await checkBytes(codec, bytes, name, input % 8 === 0)] += 1;
    } catch (error) {
      post({ kind: "failed", input, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  post({ kind: "done", ...counts });
}

const port = parentPort;
if (port === null) throw new Error("This is a thread of scripts/fuzz.ts");
await work(workerData as FuzzTask, (message) => port.postMessage(message));
