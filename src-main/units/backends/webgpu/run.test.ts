import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { benchNetworks } from "#shared/api/compute-api.ts";
import { tf } from "#main/tensor/tf.ts";
import { benchTrain } from "../bench-train.ts";
import { webgpu } from "./webgpu.ts";

type Counts = Record<"dispatches" | "submits" | "reads", number>;

interface Device {
  createShaderModule(descriptor: { code: string }): unknown;
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
}

const probe = await webgpu.probe();
const name = probe.ok ? `a run on WebGPU (${probe.device})` : `a run on WebGPU (skipped: ${probe.reason})`;

describe.skipIf(!probe.ok)(name, () => {
  let restore = (): void => undefined;
  afterEach(() => restore());
  beforeAll(() => webgpu.start());

  /** Counts from now on what goes to the GPU, and what is waited for. */
  function count(): Counts {
    const all = globalThis as unknown as Record<string, { readonly prototype: Record<string, (...args: unknown[]) => unknown> }>;
    const counts: Counts = { dispatches: 0, submits: 0, reads: 0 };
    const counted = [
      ["GPUComputePassEncoder", "dispatchWorkgroups", "dispatches"],
      ["GPUQueue", "submit", "submits"],
      ["GPUBuffer", "mapAsync", "reads"],
    ] as const;
    const undo = counted.map(([type, method, what]) => {
      const { prototype } = all[type]!;
      const original = prototype[method]!;
      prototype[method] = function (...args) {
        counts[what]++;
        return original.apply(this, args);
      };
      return () => void (prototype[method] = original);
    });
    restore = () => undo.forEach((put) => put());
    return counts;
  }

  it("a step takes the same dispatches, at most 72, for ten time steps as for four, one submit and one read", async () => {
    const found: Counts[] = [];
    for (const steps of [4, 10]) {
      const counts = count();
      const each: Counts[] = [];
      await benchTrain("webgpu", 2, { ...benchNetworks.probe, steps, batch: 2, size: 16 }, () => {
        each.push({ ...counts });
        Object.assign(counts, { dispatches: 0, submits: 0, reads: 0 });
      });
      restore();
      // The first step also makes the network; after that all are alike.
      expect(new Set(each.slice(1).map((one) => JSON.stringify(one))).size).toBe(1);
      found.push(each.at(-1));
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[0]).toMatchObject({ submits: 1, reads: 1 });
    expect(found[0]!.dispatches).toBeGreaterThan(0);
    expect(found[0]!.dispatches).toBeLessThanOrEqual(72);
  }, 200_000);

  it("fails at the next read when the GPU refuses something", async () => {
    const { device } = tf.backend() as unknown as { device: Device };
    const before = await tf.add(tf.ones([2]), 1).data<"float32">();
    expect(Array.from(before)).toEqual([2, 2]);
    device.createShaderModule({ code: "this is no shader" });
    await device.queue.onSubmittedWorkDone();
    await expect(tf.add(tf.ones([2]), 1).data()).rejects.toMatchObject({ code: "training-failed" });
  }, 60_000);
});
