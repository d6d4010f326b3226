import { Worker } from "node:worker_threads";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import { hdf5PluginsDir, hdf5ThreadEntry } from "#main/lib/paths.ts";
import {
  LENGTH,
  READY,
  SHARED_AT,
  SHARED_BYTES,
  type LibraryReply,
  type LibraryRequest,
  type LibraryStart,
  type LibraryTree,
} from "./library-messages.ts";
import { rootOf } from "./superblock.ts";

/** The library computes without asking for bytes for at most so long: then it hangs on a damaged file. */
const SILENCE_MS = 10_000;
/** One task at most, slow disks included. */
const TASK_MS = 300_000;
/** The library keeps what it allocated for files that were damaged: after so many failures a fresh one is taken. */
const MAX_FAILURES = 100;
/** A thread without work ends after this time. */
const IDLE_MS = 10_000;

interface Thread {
  readonly worker: Worker;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  failures: number;
  /** Whoever waits for its next word. */
  listener: ((reply: LibraryReply) => void) | undefined;
}

let thread: Thread | undefined;
let queue: Promise<unknown> = Promise.resolve();
let idle: NodeJS.Timeout | undefined;

function start(): Thread {
  const shared = new SharedArrayBuffer(SHARED_AT + SHARED_BYTES);
  const workerData: LibraryStart = { shared, plugins: hdf5PluginsDir };
  const worker = new Worker(hdf5ThreadEntry, { workerData, stdout: true, stderr: true });
  // The library prints what it thinks of damaged files; its errors come back as messages.
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  const started: Thread = {
    worker,
    words: new Int32Array(shared, 0, SHARED_AT / 4),
    bytes: new Uint8Array(shared, SHARED_AT),
    failures: 0,
    listener: undefined,
  };
  const gone = (why: string): void => {
    if (thread === started) thread = undefined;
    started.listener?.({ kind: "failed", message: `the HDF5 library ${why}`, unsupported: false, broken: true });
  };
  worker.on("message", (reply: LibraryReply) => started.listener?.(reply));
  worker.on("error", (error) => gone(`failed (${error instanceof Error ? error.message : String(error)})`));
  worker.on("exit", () => gone("ended"));
  return started;
}

async function end(of: Thread): Promise<void> {
  if (thread === of) thread = undefined;
  await of.worker.terminate();
}

const damaged = (name: string, why: string): AppError =>
  new AppError("damaged", `${name} cannot be read: ${why}`, { hint: "The file may be damaged; fetch or record it again." });

type Failure = Extract<LibraryReply, { readonly kind: "failed" }>;
type Answer = Exclude<LibraryReply, { readonly kind: "bytes" | "failed" }>;

/** One task of the library's thread, which works on one after the other. */
function run(file: ByteSource, request: LibraryRequest): Promise<Answer> {
  const turn = queue.then(() => carryOut(file, request));
  queue = turn.catch(() => undefined); // whoever asked hears of it
  return turn;
}

async function carryOut(file: ByteSource, request: LibraryRequest): Promise<Answer> {
  clearTimeout(idle);
  const current = (thread ??= start());
  const reply = await converse(current, file, request);
  idle = setTimeout(() => void (thread === undefined ? undefined : end(thread)), IDLE_MS).unref();
  if (reply.kind !== "failed") return reply;
  current.failures += 1;
  if (reply.broken || current.failures >= MAX_FAILURES) await end(current);
  if (reply.unsupported) {
    throw new AppError("unsupported", `${file.name} cannot be read: ${reply.message}`, {
      hint: "Rewrite it with gzip, for example with h5repack -f GZIP=4.",
    });
  }
  throw damaged(file.name, reply.message);
}

/** Serves the thread with bytes until it has an answer. One that fails or hangs is an answer too. */
function converse(current: Thread, file: ByteSource, request: LibraryRequest): Promise<Answer | Failure> {
  const { worker, words, bytes } = current;
  return new Promise((resolve) => {
    let silence: NodeJS.Timeout | undefined;
    let finished = false;
    const finish = (reply: Answer | Failure): void => {
      if (finished) return;
      finished = true;
      clearTimeout(silence);
      clearTimeout(whole);
      current.listener = undefined;
      worker.unref();
      resolve(reply);
    };
    const giveUp = (message: string): void => finish({ kind: "failed", message, unsupported: false, broken: true });
    const whole = setTimeout(() => giveUp("it takes the HDF5 library minutes"), TASK_MS);
    const listen = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => giveUp("the HDF5 library does not come to an end with it"), SILENCE_MS);
    };
    const give = (length: number): void => {
      Atomics.store(words, LENGTH, length);
      Atomics.store(words, READY, 1);
      Atomics.notify(words, READY);
    };
    const serve = async (offset: number, length: number): Promise<void> => {
      clearTimeout(silence); // a slow disk is no hang
      try {
        const part = await file.read(offset, Math.min(length, SHARED_BYTES));
        bytes.set(part);
        listen();
        give(part.length);
      } catch (error) {
        log("warning", "hdf5", `${file.name}: ${error instanceof Error ? error.message : String(error)}`);
        listen();
        give(-1);
      }
    };
    current.listener = (reply) => {
      if (reply.kind === "bytes") void serve(reply.offset, reply.length);
      else finish(reply);
    };
    worker.ref();
    listen();
    worker.postMessage(request);
  });
}

const keys = new WeakMap<ByteSource, number>();
let lastKey = 0;

function keyOf(file: ByteSource): number {
  let key = keys.get(file);
  if (key === undefined) {
    lastKey += 1;
    key = lastKey;
    keys.set(file, key);
  }
  return key;
}

const trees = new WeakMap<ByteSource, Promise<LibraryTree>>();

/** What an HDF5 file holds, as the HDF5 library sees it; looked at once. @throws AppError `damaged`, `unsupported`. */
export function treeOf(file: ByteSource): Promise<LibraryTree> {
  let tree = trees.get(file);
  if (tree === undefined) {
    tree = look(file);
    trees.set(file, tree);
  }
  return tree;
}

async function look(file: ByteSource): Promise<LibraryTree> {
  await rootOf(file); // says what is wrong with a file that is cut
  const answer = await run(file, { kind: "tree", key: keyOf(file), size: file.size, name: file.name });
  if (answer.kind !== "tree") throw new AppError("internal", `The HDF5 library gave ${answer.kind} for a tree`);
  return answer.tree;
}

/** A block of a data set: little-endian elements, the last direction fastest. @throws AppError `damaged`, `unsupported`. */
export async function readBlock(
  file: ByteSource,
  path: string,
  from: readonly number[],
  count: readonly number[],
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await run(file, { kind: "read", key: keyOf(file), size: file.size, name: file.name, path, from, count });
  if (answer.kind !== "data") throw new AppError("internal", `The HDF5 library gave ${answer.kind} for data`);
  return answer.data;
}

/** Lets the library close a file; the file itself stays open. */
export async function forgetFile(file: ByteSource): Promise<void> {
  const key = keys.get(file);
  if (key === undefined || thread === undefined) return;
  keys.delete(file);
  trees.delete(file);
  await run(file, { kind: "forget", key, size: file.size, name: file.name });
}
