import { offerInPlace } from "../in-place.ts";
import type { WasmTools } from "./register.ts";

/** AdamW and batch norm's running averages, written into the variables. */
export function registerUpdates({ heap, kernels }: WasmTools): void {
  offerInPlace("wasm", {
    adamW: ({ beta1, beta2, epsilon, rate, rootCorrection, decay }, parameter, gradient, m, v) => {
      for (const variable of [parameter, m, v]) heap.own(variable);
      kernels.adamW(
        ...[heap.at(parameter), heap.at(gradient), heap.at(m), heap.at(v), parameter.size],
        ...[beta1, beta2, 1 - beta1, 1 - beta2, epsilon, rate, rootCorrection, decay],
      );
      heap.changed(parameter);
    },
    running: ({ groups, rows, momentum }, mean, variance, stats) => {
      heap.own(mean);
      heap.own(variance);
      kernels.bnRunning(heap.at(mean), heap.at(variance), heap.at(stats), groups, rows, mean.size, momentum);
    },
  });
}
