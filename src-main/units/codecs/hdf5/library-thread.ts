import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { ready } from "h5wasm";
import { filterName, pluginFor } from "./library-filters.ts";
import {
  LENGTH,
  READY,
  SHARED_AT,
  SHARED_BYTES,
  type LibraryReply,
  type LibraryRequest,
  type LibraryStart,
} from "./library-messages.ts";
import { describeTree } from "./library-tree.ts";
import { PagedFile } from "./paged-file.ts";

/*
 * The HDF5 library in a thread of its own. It sees no disk: its files are nodes of its virtual file system whose bytes are asked for
 * from the thread that holds the file, so links in a file lead nowhere, and a crash, a hang or a swollen memory ends with the thread.
 */

const PLUGIN_FOLDER = "/plugins";
/** Files that stay open at once. */
const OPEN_FILES = 4;
/** One reading at most, and one chunk that has to be unpacked for it. */
const MAX_READ_BYTES = 64 << 20;
const MAX_CHUNK_BYTES = 256 << 20;

/** Something that the file asks for and that is not offered. */
class Unsupported extends Error {}

const port = parentPort;
if (port === null) throw new Error("This is a thread of src-main/units/codecs/hdf5/library.ts");
const { shared, plugins } = workerData as LibraryStart;
const words = new Int32Array(shared, 0, SHARED_AT / 4);
const sharedBytes = new Uint8Array(shared, SHARED_AT);
const module = await ready;
const { FS } = module as unknown as { readonly FS: VirtualFiles };

/** What is used of Emscripten's file system. */
interface VirtualFiles {
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
  createFile(folder: string, name: string, properties: object, canRead: boolean, canWrite: boolean): VirtualNode;
}
interface VirtualNode {
  usedBytes: number;
  stream_ops: object;
}

FS.mkdirTree(PLUGIN_FOLDER);
module.insert_plugin_search_path(PLUGIN_FOLDER, 0);
const installed = new Set<string>();

const post = (reply: LibraryReply): void => port.postMessage(reply);

/** Bytes of the file that is being worked on; waits for the other thread. */
function fetchBytes(offset: number, length: number): Uint8Array {
  Atomics.store(words, READY, 0);
  post({ kind: "bytes", offset, length: Math.min(length, SHARED_BYTES) });
  Atomics.wait(words, READY, 0);
  const got = Atomics.load(words, LENGTH);
  if (got < 0) throw new Error("the file cannot be read any more");
  return sharedBytes.subarray(0, got);
}

const open = new Map<number, { readonly id: bigint; readonly path: string }>();

/** Opens a file in the library, or gives the open one. */
function fileFor({ key, size }: LibraryRequest): bigint {
  const known = open.get(key);
  if (known !== undefined) return known.id;
  while (open.size >= OPEN_FILES) forget(open.keys().next().value!);
  const path = `/file${key}`;
  const node = FS.createFile("/", path.slice(1), {}, true, false);
  const pages = new PagedFile(size, fetchBytes);
  Object.defineProperty(node, "usedBytes", { get: () => size, set: () => undefined });
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream: unknown, into: Uint8Array, at: number, length: number, position: number | bigint) =>
      pages.read(Number(position), into, at, length),
  };
  const id = module.open(path, module.H5F_ACC_RDONLY);
  if (id < 0n) {
    FS.unlink(path);
    throw new Error("the library cannot open it");
  }
  open.set(key, { id, path });
  return id;
}

function forget(key: number): void {
  const known = open.get(key);
  if (known === undefined) return;
  open.delete(key);
  module.close_file(known.id);
  FS.unlink(known.path);
}

/** Makes sure that every filter of a data set can be undone. @throws Unsupported with the filter's name. */
function installFilters(filters: readonly { readonly id: number; readonly name: string }[]): void {
  for (const { id, name } of filters) {
    const plugin = pluginFor(id);
    if (plugin === undefined || (plugin !== false && installed.has(plugin))) continue;
    if (plugin === false) throw new Unsupported(`the HDF5 filter ${filterName(id, name)} is not at hand`);
    const file = `libH5Z${plugin}.so`;
    FS.writeFile(`${PLUGIN_FOLDER}/${file}`, readFileSync(join(plugins, file)));
    installed.add(plugin);
  }
}

function read(request: LibraryRequest & { readonly kind: "read" }): Uint8Array<ArrayBuffer> {
  const id = fileFor(request);
  const { path, from, count } = request;
  const { size, chunks } = module.get_dataset_metadata(id, path);
  installFilters(module.get_dataset_filters(id, path));
  const bytes = count.reduce((product, length) => product * length, size);
  const chunk = (chunks ?? []).reduce((product, length) => product * length, size);
  if (bytes > MAX_READ_BYTES) throw new Error(`${bytes} bytes were asked for at once`);
  if (chunk > MAX_CHUNK_BYTES) throw new Unsupported(`${path} has chunks of ${chunk} bytes, more than are unpacked at once`);
  const place = module._malloc(Math.max(8, bytes));
  if (place === 0) throw new Error("there is no memory for it");
  try {
    const big = (numbers: readonly number[]): bigint[] => numbers.map(BigInt);
    const ones = count.map(() => 1n);
    const status = module.get_dataset_data(id, path, big(count), big(from), ones, BigInt(place));
    if (status < 0) throw new Error(`a part of ${path} cannot be unpacked`);
    return module.HEAPU8.slice(place, place + bytes);
  } finally {
    module._free(place);
  }
}

function answer(request: LibraryRequest): void {
  if (request.kind === "forget") {
    forget(request.key);
    post({ kind: "forgotten" });
  } else if (request.kind === "tree") {
    post({ kind: "tree", tree: describeTree(module, fileFor(request)) });
  } else {
    const data = read(request);
    port!.postMessage({ kind: "data", data } satisfies LibraryReply, [data.buffer]);
  }
}

port.on("message", (request: LibraryRequest) => {
  try {
    answer(request);
  } catch (error) {
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    const broken =
      (error instanceof Error && (error.name === "RuntimeError" || error instanceof RangeError)) || /abort|memory/i.test(message);
    post({ kind: "failed", message, unsupported: error instanceof Unsupported, broken });
  }
});
