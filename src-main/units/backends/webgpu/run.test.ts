import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { tf } from "#main/tensor/tf.ts";
import { benchTrain, probeNetwork } from "../bench-train.ts";
import { webgpu } from "./webgpu.ts";

interface Pass {
  dispatchWorkgroups(...sizes: number[]): void;
}
interface Queue {
  submit(...buffers: unknown[]): void;
}
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

  /** Dispatches and submits from now on. */
  function count(): { dispatches: number; submits: number } {
    const all = globalThis as unknown as { GPUComputePassEncoder: { prototype: Pass }; GPUQueue: { prototype: Queue } };
    const [pass, queue] = [all.GPUComputePassEncoder.prototype, all.GPUQueue.prototype];
    const [dispatch, submit] = [Reflect.get(pass, "dispatchWorkgroups"), Reflect.get(queue, "submit")];
    const counts = { dispatches: 0, submits: 0 };
    pass.dispatchWorkgroups = function (this: Pass, ...sizes) {
      counts.dispatches++;
      dispatch.apply(this, sizes);
    };
    queue.submit = function (this: Queue, ...buffers) {
      counts.submits++;
      submit.apply(this, buffers);
    };
    restore = () => {
      pass.dispatchWorkgroups = dispatch;
      queue.submit = submit;
    };
    return counts;
  }

  it("a step takes no more dispatches for ten time steps than for two, one submit, and no memory", async () => {
    const perStep: number[] = [];
    for (const steps of [2, 10]) {
      const network = { ...probeNetwork, steps, batch: 2, size: 8, channels: [2, 8, 8] };
      // Three more steps cost three times a step; what building the network costs cancels.
      const totals = [];
      for (const rounds of [1, 4]) {
        const counts = count();
        const { tensors, loss } = await benchTrain("webgpu", rounds, network);
        restore();
        expect(tensors[1]).toBe(tensors[0]);
        expect(Number.isFinite(loss)).toBe(true);
        totals.push({ ...counts });
      }
      const [short, long] = totals;
      perStep.push((long!.dispatches - short!.dispatches) / 3);
      expect((long!.submits - short!.submits) / 3).toBe(1);
    }
    // Fewer, because the stock matrix product takes other programs for larger batches.
    expect(perStep[1]).toBeLessThanOrEqual(perStep[0]!);
    expect(perStep[0]).toBeLessThanOrEqual(70);
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
