import { execFile } from "node:child_process";
import { availableMemory } from "node:process";
import { promisify } from "node:util";
import { log } from "#main/lib/log.ts";
import { tf } from "#main/tensor/tf.ts";

/** How much there is where tensors are computed, and for the process. */
export interface MemoryLimits {
  /** Undefined where nobody can tell. */
  readonly deviceBytes: number | undefined;
  readonly deviceName: string;
  /** Free memory of the machine, or what is left of the limit that was set for the process. */
  readonly processBytes: number;
  /** Whether the device lives in the memory of the process. */
  readonly shared: boolean;
}

/** A heap of WebAssembly has addresses of 32 bits. */
const WASM_BYTES = 2 ** 32;
/** The tool of the driver answers at once or not at all. */
const ASK_MS = 3000;

const run = promisify(execFile);

/** Free memory of the largest card with NVIDIA's driver; undefined where there is none, or nothing to ask it with. */
export async function freeOnCard(tool = "nvidia-smi"): Promise<number | undefined> {
  try {
    const { stdout } = await run(tool, ["--query-gpu=memory.free", "--format=csv,noheader,nounits"], { timeout: ASK_MS });
    const free = stdout.split("\n").flatMap((line) => (/^\s*\d+\s*$/.test(line) ? [Number(line) * 2 ** 20] : []));
    return free.length === 0 ? undefined : Math.max(...free);
  } catch (error) {
    log(
      "info",
      "compute",
      `the free memory of the graphics card is unknown: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

/** Whether TensorFlow's native library computes on a card. */
const onCard = (): boolean => (tf.backend() as { readonly isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;

/** The room on this machine for the backend that is running. */
export async function limits(): Promise<MemoryLimits> {
  const processBytes = availableMemory();
  const name = tf.getBackend();
  if (name === "wasm") return { deviceBytes: WASM_BYTES, deviceName: "the WebAssembly heap", processBytes, shared: true };
  const card = name === "webgpu" || (name === "tensorflow" && onCard());
  if (!card) return { deviceBytes: undefined, deviceName: "the processor", processBytes, shared: true };
  return { deviceBytes: await freeOnCard(), deviceName: "the graphics card", processBytes, shared: false };
}
