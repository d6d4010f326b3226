import { beforeAll, describe } from "vitest";
import { backends } from "#main/units/backends/index.ts";
import { selectBackend } from "#main/units/backends/select.ts";

/** Backends that work on this machine, found out once per test file. The others need a process of their own. */
const present = await Promise.all(
  backends
    .filter(({ id }) => id === "js" || id === "wasm" || id === "webgpu")
    .map(async (backend) => ({ id: backend.id, result: await backend.probe() })),
);

/** Runs a suite once on every backend; those that are not there are skipped by name, with the reason. */
export function onEachBackend(suite: (backend: string) => void): void {
  for (const { id, result } of present) {
    describe.skipIf(!result.ok)(result.ok ? `on ${id}` : `on ${id} (not here: ${result.reason})`, () => {
      beforeAll(async () => {
        await selectBackend(id);
      });
      suite(id);
    });
  }
}
