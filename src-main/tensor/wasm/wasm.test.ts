import { beforeAll, describe, expect, it } from "vitest";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import { AdamW } from "../adam-w.ts";
import { batchNorm } from "../batch-norm.ts";
import { avgPool2, conv2d } from "../layers.ts";
import { lif } from "../lif.ts";
import { normalizedLif } from "../normalized-lif.ts";
import { requirePackage, tf } from "../tf.ts";
import { installWasmKernels, type InstalledKernels } from "./install.ts";

/*
 * A kernel that writes past its output corrupts the heap of the whole backend and shows much later. So every
 * allocation gets a guard behind it, and every kernel runs over sizes that do not fit its blocks.
 */

const guardBytes = 64;
const guardByte = 0xa5;
const live = new Map<number, number>();
let installed: InstalledKernels;

interface Allocator {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

function guardAllocations(): void {
  const { wasm } = tf.backend() as unknown as { wasm: Allocator };
  const allocate = wasm._malloc.bind(wasm);
  const release = wasm._free.bind(wasm);
  wasm._malloc = (bytes) => {
    const address = allocate(bytes + guardBytes) >>> 0;
    new Uint8Array(installed.heap.memory.buffer, address + bytes, guardBytes).fill(guardByte);
    live.set(address, bytes);
    return address;
  };
  wasm._free = (address) => {
    live.delete(address >>> 0);
    release(address);
  };
}

const scratches: number[] = [];

/** Scratch memory of exactly the size asked for, each with a guard of its own: a kept larger one would hide much. */
function guardScratch(): void {
  const { wasm } = tf.backend() as unknown as { wasm: Allocator };
  installed.heap.scratch = (bytes) => {
    const address = wasm._malloc(bytes);
    scratches.push(address);
    return address;
  };
}

function freeScratch(): void {
  const { wasm } = tf.backend() as unknown as { wasm: Allocator };
  for (const address of scratches.splice(0)) wasm._free(address);
}

/** How many allocations have been written past. */
function broken(): number {
  let count = 0;
  for (const [address, bytes] of live) {
    const guard = new Uint8Array(installed.heap.memory.buffer, address + bytes, guardBytes);
    if (guard.some((byte) => byte !== guardByte)) count++;
  }
  return count;
}

/** Numbers in [−1, 1) that are the same everywhere. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const random = (shape: number[], seed: number): Tensor =>
  tf.tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

/** Runs on plain JavaScript and on our kernels and compares. */
async function same(f: () => Tensor[]): Promise<void> {
  await tf.setBackend("cpu");
  const expected = tf.tidy(() => f().map((t) => Array.from(t.dataSync<"float32">())));
  await tf.setBackend("wasm");
  const actual = tf.tidy(() => f().map((t) => Array.from(t.dataSync<"float32">())));
  for (const [i, values] of expected.entries()) {
    const scale = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
    const worst = values.reduce((a, b, j) => Math.max(a, Math.abs(b - (actual[i]?.[j] ?? NaN))), 0);
    expect(worst / scale, `result ${i}`).toBeLessThan(1e-5);
  }
  expect(broken()).toBe(0);
  freeScratch();
}

describe("kernels on the wasm heap", () => {
  beforeAll(async () => {
    const tfjsWasm = requirePackage("@tensorflow/tfjs-backend-wasm") as { setThreadsCount(count: number): void };
    tfjsWasm.setThreadsCount(1);
    await tf.setBackend("wasm");
    installed = await installWasmKernels();
    guardAllocations();
    guardScratch();
  });

  it("uses relaxed SIMD where the engine has it", () => {
    expect(installed.variant).toBe("relaxed");
  });

  it("notices one byte too many", () => {
    const t = tf.zeros([3]);
    const beyond = new Uint8Array(installed.heap.memory.buffer, installed.heap.at(t) + 12, 1);
    beyond[0] = 0;
    expect(broken()).toBe(1);
    beyond[0] = guardByte;
    t.dispose();
    expect(broken()).toBe(0);
    const second = tf.zeros([5]);
    expect(live.get(installed.heap.at(second))).toBe(20);
    second.dispose();
  });

  const convolutions = [
    [1, 1, 1, 1, 1, 1, 1, 1, 0],
    [2, 5, 7, 3, 3, 3, 5, 1, 1],
    [1, 6, 6, 1, 3, 3, 8, 2, 1],
    [3, 9, 4, 2, 5, 3, 17, 3, 2],
    [1, 4, 4, 6, 2, 2, 6, 2, 3],
    [2, 3, 3, 13, 1, 1, 9, 1, 0],
    [1, 7, 5, 4, 4, 2, 16, 1, 4],
    [1, 12, 12, 32, 3, 3, 64, 1, 1],
    [1, 3, 11, 5, 3, 5, 1, 2, 2],
  ] as const;
  it.each(convolutions)(
    "convolution %i×%i×%i×%i, %i×%i → %i, stride %i, pad %i",
    async (n, h, w, ci, kh, kw, co, stride, pad) => {
      await same(() => {
        const x = random([n, h, w, ci], 1);
        const filter = random([kh, kw, ci, co], 2);
        const y = conv2d(x, filter, stride, pad);
        const dy = random(y.shape, 3);
        return [y, ...tf.grads((a: Tensor, b: Tensor) => conv2d(a, b, stride, pad))([x, filter], dy)];
      });
    },
  );

  it("padding that is not the same on all sides, and dilation by the stock kernel", async () => {
    await same(() => {
      const x = random([1, 6, 6, 3], 1) as Tensor4D;
      const filter = random([3, 3, 3, 8], 2) as Tensor4D;
      return [
        tf.conv2d(x, filter, 2, "same"),
        tf.conv2d(x, filter, [1, 2], "valid"),
        tf.conv2d(x, filter, 1, "valid", "NHWC", 2),
        ...tf.grads((a: Tensor, b: Tensor) => tf.conv2d(a as Tensor4D, b as Tensor4D, 2, "same"))([x, filter]),
      ];
    });
  });

  it("matrix products of all transpositions and batches", async () => {
    await same(() => {
      const results: Tensor[] = [];
      for (const [m, k, n] of [
        [1, 1, 1],
        [7, 5, 3],
        [6, 33, 16],
        [13, 8, 9],
      ] as const) {
        for (const [ta, tb] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const a = random([2, ...(ta ? [k, m] : [m, k])], 4) as Tensor3D;
          const b = random([2, ...(tb ? [n, k] : [k, n])], 5) as Tensor3D;
          results.push(tf.matMul(a, b, ta, tb), tf.matMul(a, tf.slice(b, 0, 1), ta, tb), tf.matMul(tf.slice(a, 0, 1), b, ta, tb));
        }
      }
      return results;
    });
  });

  it.each([1, 2, 3, 4, 5, 7, 9, 31])("neuron with %i neurons", async (neurons) => {
    const spec = {
      keep: 0.7,
      gain: 1,
      threshold: 0.6,
      detachReset: false,
      potential: "post",
      surrogate: "arctan",
      alpha: 2,
    } as const;
    await same(() => {
      const x = random([5, neurons], 6);
      const f = (a: Tensor): Tensor => {
        const { spikes, potential } = lif(a, 5, spec);
        return tf.add(spikes, tf.mul(potential, 0.3));
      };
      return [f(x), tf.grad(f)(x)];
    });
  });

  it.each([1, 3, 4, 6, 16, 19, 33])("batch norm over %i channels", async (channels) => {
    await same(() => {
      const x = random([6, 2, 3, channels], 8);
      const state = {
        gamma: tf.variable(tf.add(random([channels], 9), 2)),
        beta: tf.variable(random([channels], 10)),
        mean: tf.variable(tf.zeros([channels]), false),
        variance: tf.variable(tf.ones([channels]), false),
      };
      const options = { training: true, momentum: 0.1, epsilon: 1e-5, perStep: true, scale: 0.7 };
      const f = (a: Tensor, gamma: Tensor, beta: Tensor): Tensor =>
        batchNorm(a, 3, { ...state, gamma: gamma as typeof state.gamma, beta: beta as typeof state.beta }, options);
      const y = f(x, state.gamma, state.beta);
      const gradients = tf.grads(f)([x, state.gamma, state.beta], random(x.shape, 11));
      return [y, ...gradients, tf.add(state.mean, 0), tf.add(state.variance, 0)];
    });
  });

  it.each([1, 4, 6, 12])("batch norm with its neuron over %i channels", async (channels) => {
    const spec = {
      keep: 0.6,
      gain: 1,
      threshold: 0.4,
      detachReset: false,
      potential: "post",
      surrogate: "triangle",
      alpha: 1,
    } as const;
    for (const perStep of [true, false]) {
      await same(() => {
        const x = random([6, 3, 1, channels], 21);
        const state = {
          gamma: tf.variable(tf.add(random([channels], 22), 2)),
          beta: tf.variable(random([channels], 23)),
          mean: tf.variable(tf.zeros([channels]), false),
          variance: tf.variable(tf.ones([channels]), false),
        };
        const options = { training: true, momentum: 0.1, epsilon: 1e-5, perStep };
        const f = (a: Tensor, gamma: Tensor, beta: Tensor): Tensor => {
          const own = { ...state, gamma: gamma as typeof state.gamma, beta: beta as typeof state.beta };
          const { spikes, potential } = normalizedLif(a, 3, own, options, spec);
          return tf.add(spikes, tf.mul(potential, 0.3));
        };
        const y = f(x, state.gamma, state.beta);
        const gradients = tf.grads(f)([x, state.gamma, state.beta], random(x.shape, 24));
        return [y, ...gradients, tf.add(state.mean, 0), tf.add(state.variance, 0)];
      });
    }
  });

  it.each([
    [1, 2, 2, 1],
    [2, 5, 4, 3],
    [1, 4, 7, 6],
    [3, 1, 1, 2],
  ])("pooling %i×%i×%i×%i, and other sizes by the stock kernels", async (n, h, w, c) => {
    await same(() => {
      const x = random([n, h, w, c], 12);
      if (h < 2 || w < 2) return [tf.avgPool(x as Tensor4D, 1, 1, "valid")];
      const three = (a: Tensor): Tensor => tf.avgPool(a as Tensor4D, 3, 1, "same");
      return [avgPool2(x), tf.grad(avgPool2)(x), three(x), tf.grad(three)(x)];
    });
  });

  it.each([1, 3, 4, 11])("AdamW over %i values", async (count) => {
    await same(() => {
      const p = tf.variable(random([count], 13));
      const optimizer = new AdamW({ p });
      for (let i = 0; i < 3; i++) optimizer.apply({ p: random([count], 14 + i) }, 0.01);
      return [tf.add(p, 0)];
    });
  });

  it("stock kernels see an updated weight too, though XNNPACK keeps what it has packed", () => {
    const filter = tf.variable(tf.ones([2, 2, 1, 4])) as ReturnType<typeof tf.variable> & Tensor4D;
    const x: Tensor4D = tf.ones([1, 3, 3, 1]);
    const dilated = (): number => tf.sum(tf.conv2d(x, filter, 1, "valid", "NHWC", 2)).dataSync<"float32">()[0]!;
    expect(dilated()).toBe(16);
    new AdamW({ filter }, { weightDecay: 0 }).apply({ filter: tf.onesLike(filter) }, 0.5);
    expect(dilated()).toBeCloseTo(8, 4);
  });

  it("copies nothing when the engine clones", () => {
    const t = tf.ones([1000]);
    const clone = t.clone();
    expect(installed.heap.at(clone)).toBe(installed.heap.at(t));
    t.dispose();
    expect(clone.dataSync<"float32">()[999]).toBe(1);
    clone.dispose();
  });

  it("says so when the heap is full, and goes on", () => {
    const large = (values: number): Tensor => tf.engine().makeTensorFromTensorInfo(installed.heap.output([values]));
    const most = Array.from({ length: 3 }, () => large(2.4e8));
    // The last is a multiple of 2^32 bytes, which a 32-bit size would take for nothing at all.
    for (const values of [2.4e8, 4e8, 7.5e8, 2 ** 30]) expect(() => large(values)).toThrow(/heap has no room/);
    expect(installed.heap.sizeBytes).toBeLessThanOrEqual(3 * 2 ** 30);
    tf.dispose(most);
    tf.dispose(large(2.4e8));
    expect(tf.add(tf.ones([2]), 1).dataSync<"float32">()[1]).toBe(2);
    expect(broken()).toBe(0);
  });
});
