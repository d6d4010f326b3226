import { beforeAll, describe } from "vitest";
import { backends } from "#main/units/backends/index.ts";
import { selectBackend } from "#main/units/backends/select.ts";

/** In this order: tensors cannot leave WebGPU, so nothing is computed elsewhere after it. */
const order = ["js", "wasm", "tensorflow-cpu", "tensorflow-gpu", "webgpu"];

/** Backends that work on this machine, found out once per test file. A process can hold one TensorFlow, so the second is left out. */
const present = await Promise.all(
  backends
    .filter(({ id }) => order.includes(id))
    .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
    .map(async (backend) => ({ id: backend.id, result: await backend.probe() })),
);
for (const other of present.filter(({ id, result }) => id.startsWith("tensorflow") && result.ok).slice(1)) {
  other.result = { ok: false, reason: "this process holds the other TensorFlow" };
}

/**
 * Runs a suite once on every backend; those that are not there are skipped by name, with the reason.
 * @param suite `software` tells that a CPU plays the GPU, a millisecond for every operation: shorten what repeats itself.
 */
export function onEachBackend(suite: (backend: string, software: boolean) => void): void {
  for (const { id, result } of present) {
    describe.skipIf(!result.ok)(result.ok ? `on ${id}` : `on ${id} (not here: ${result.reason})`, () => {
      beforeAll(async () => {
        await selectBackend(id);
      });
      suite(id, result.ok && result.rank !== undefined);
    });
  }
}
