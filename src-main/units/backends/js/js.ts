import { AppError } from "#shared/api/errors.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Backend } from "../backend.ts";

const device = "CPU, plain JavaScript, 1 thread";

/** tfjs's own JavaScript kernels: always there, a hundred times slower than WebAssembly. */
export const js: Backend = {
  id: "js",
  label: "Plain JavaScript",
  summary: "Runs everywhere and needs nothing, but is about a hundred times slower than WebAssembly: for tests only.",
  params: {},
  rank: 0,
  probe: () => Promise.resolve({ ok: true, device }),
  start: async () => {
    if (!(await tf.setBackend("cpu"))) {
      throw new AppError("no-backend", "The plain JavaScript backend did not start", {
        hint: "Install the dependencies again: npm ci.",
      });
    }
  },
};
