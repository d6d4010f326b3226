import { batchNormGradKernel, batchNormKernel, type BatchNormAttrs } from "../batch-norm.ts";
import { elements, named } from "../replace-kernel.ts";
import { replaceKernel, type WasmTools } from "./register.ts";

/** Statistics, normalization and gradient of batch norm. */
export function registerBatchNorm({ heap, kernels }: WasmTools): void {
  replaceKernel(batchNormKernel, (inputs, raw) => {
    const { groups, epsilon, scale } = raw as unknown as BatchNormAttrs;
    const x = named(inputs, "x");
    const gamma = named(inputs, "gamma");
    const beta = named(inputs, "beta");
    const channels = x.shape.at(-1) ?? 1;
    const rows = elements(x.shape) / channels / groups;
    const y = heap.output(x.shape);
    const stats = heap.output([2, groups, channels]);
    const scratch = heap.scratch(channels * 16);
    kernels.bnStats(heap.at(x), heap.at(stats), scratch, groups, rows, channels);
    kernels.bnNormalize(
      ...[heap.at(x), heap.at(y), heap.at(stats), heap.at(gamma), heap.at(beta), scratch],
      ...[groups, rows, channels, epsilon, scale],
    );
    return [y, stats];
  });

  replaceKernel(batchNormGradKernel, (inputs, raw) => {
    const { groups, epsilon, scale } = raw as unknown as BatchNormAttrs;
    const x = named(inputs, "x");
    const dy = named(inputs, "dy");
    const gamma = named(inputs, "gamma");
    const stats = named(inputs, "stats");
    const channels = x.shape.at(-1) ?? 1;
    const rows = elements(x.shape) / channels / groups;
    const dx = heap.output(x.shape);
    const dgamma = heap.output([channels]);
    const dbeta = heap.output([channels]);
    const scratch = heap.scratch(channels * 48);
    kernels.bnGradient(
      ...[heap.at(x), heap.at(dy), heap.at(gamma), heap.at(stats), heap.at(dx), heap.at(dgamma), heap.at(dbeta), scratch],
      ...[groups, rows, channels, epsilon, scale],
    );
    return [dx, dgamma, dbeta];
  });
}
