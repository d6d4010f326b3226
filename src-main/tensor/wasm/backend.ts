import type { DataType, TensorInfo, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { tf } from "../tf.ts";

/*
 * The members of the pinned tfjs wasm backend that are used although its types call them private: the only file that
 * knows them. They are checked at the start, so that another version is refused instead of corrupting memory.
 */

interface TensorData {
  readonly id: number;
  readonly memoryOffset: number;
  readonly refCount: number;
}

interface EmscriptenModule {
  readonly asm?: { readonly memory?: WebAssembly.Memory };
  readonly wasmMemory?: WebAssembly.Memory;
  _malloc(bytes: number): number;
  _free(address: number): void;
  readonly tfjs: { disposeData(id: number): void; registerTensor(id: number, size: number, address: number): void };
}

interface PrivateBackend {
  readonly wasm: EmscriptenModule;
  readonly dataIdMap: { get(dataId: object): TensorData };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
}

const pageBytes = 65536;
const mostHeapBytes = 3 * 2 ** 30;
/** Less than what lies between the heap's end and the wrap, by more than an allocator's overhead. */
const mostTensorBytes = 2 ** 30 - 2 ** 20;

/** Anything with a place in the heap. */
export type Placed = Pick<TensorInfo, "dataId">;

/** The wasm backend's heap as our kernels see it. Addresses are valid until the next allocation or disposal. */
export class WasmHeap {
  readonly memory: WebAssembly.Memory;
  readonly #backend: PrivateBackend;
  #scratch = 0;
  #scratchBytes = 0;

  /** @throws AppError `no-backend` when the backend is not the version that this was written for. */
  constructor(backend: unknown) {
    const candidate = backend as Partial<PrivateBackend>;
    const memory = candidate.wasm?.asm?.memory ?? candidate.wasm?.wasmMemory;
    const complete =
      memory instanceof WebAssembly.Memory &&
      typeof candidate.wasm?._malloc === "function" &&
      typeof candidate.wasm._free === "function" &&
      typeof candidate.wasm.tfjs?.disposeData === "function" &&
      typeof candidate.wasm.tfjs.registerTensor === "function" &&
      typeof candidate.dataIdMap?.get === "function" &&
      typeof candidate.makeOutput === "function" &&
      typeof candidate.incRef === "function";
    if (!complete) {
      throw new AppError("no-backend", "The installed @tensorflow/tfjs-backend-wasm is not the version Saccade was made for", {
        hint: "Install the exact versions again: npm ci.",
      });
    }
    this.#backend = candidate as PrivateBackend;
    this.memory = memory;
    this.#failWhenFull();
  }

  /**
   * tfjs takes a failed allocation for address 0 and writes there, and Emscripten's heap end wraps at 4 GiB and starts
   * again at the bottom. Better to end the run than to corrupt the heap: the heap stops growing early enough that the
   * largest allowed allocation cannot reach the wrap.
   */
  #failWhenFull(): void {
    const { memory } = this;
    const grow = memory.grow.bind(memory);
    memory.grow = (pages) => {
      if (memory.buffer.byteLength + pages * pageBytes > mostHeapBytes) throw new RangeError("the heap has its largest size");
      return grow(pages);
    };
    const module = this.#backend.wasm;
    // Emscripten's entries replace themselves in the module at their first call, which would undo the line below.
    module._free(module._malloc(16));
    const allocate = module._malloc.bind(module);
    module._malloc = (bytes) => {
      const address = bytes <= mostTensorBytes ? allocate(bytes) : 0;
      if (address === 0 && bytes > 0) {
        throw new AppError("out-of-memory", `The WASM heap has no room for another ${Math.ceil(bytes / 2 ** 20)} MiB`, {
          hint: "Use a smaller batch, fewer time steps or a smaller network; the heap ends at 3 GiB, one tensor at 1 GiB.",
        });
      }
      return address;
    };
  }

  /** Bytes of the whole heap. It never shrinks. */
  get sizeBytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Byte address of a tensor. */
  at(tensor: Placed): number {
    return this.#backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** A new tensor with undefined content. */
  output(shape: readonly number[]): TensorInfo {
    return this.#backend.makeOutput([...shape], "float32");
  }

  /** The same data under another name. */
  alias(x: TensorInfo): TensorInfo {
    this.#backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }

  /** At least this many bytes whose content lasts until the next call of `scratch`. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const module = this.#backend.wasm;
      if (this.#scratch !== 0) module._free(this.#scratch);
      this.#scratch = 0;
      this.#scratchBytes = 0;
      this.#scratch = module._malloc(bytes) >>> 0;
      this.#scratchBytes = bytes;
    }
    return this.#scratch;
  }

  /** Makes sure that nobody else sees what is going to be written into the variable: clones share its data. */
  own(variable: Variable): void {
    if (this.#backend.dataIdMap.get(variable.dataId).refCount === 1) return;
    tf.tidy(() => {
      const copy = this.output(variable.shape);
      const bytes = new Uint8Array(this.memory.buffer);
      const from = this.at(variable);
      bytes.copyWithin(this.at(copy), from, from + variable.size * 4);
      variable.assign(tf.engine().makeTensorFromTensorInfo(copy));
    });
  }

  /** Tells stock kernels that a tensor has changed: XNNPACK keeps packed weights by tensor id. */
  changed(variable: Variable): void {
    const { id, memoryOffset } = this.#backend.dataIdMap.get(variable.dataId);
    this.#backend.wasm.tfjs.disposeData(id);
    this.#backend.wasm.tfjs.registerTensor(id, variable.size, memoryOffset);
  }
}
