import { tf } from "../tf.ts";
import { named } from "../replace-kernel.ts";
import { replaceKernel, type WasmTools } from "./register.ts";

type Attrs = Readonly<Record<string, unknown>>;

/** Images, rows, columns and channels of a plain 2×2 pooling, or `undefined` for every other one. */
function plainTwoByTwo(x: readonly number[], attrs: Attrs): readonly [number, number, number, number] | undefined {
  const info = tf.backend_util.computePool2DInfo(
    x as [number, number, number, number],
    attrs["filterSize"] as number | [number, number],
    attrs["strides"] as number | [number, number],
    1,
    attrs["pad"] as number | "valid" | "same",
    attrs["dimRoundingMode"] as "floor" | "round" | "ceil" | undefined,
  );
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo, inHeight, inWidth, outHeight, outWidth } = info;
  const plain =
    [filterHeight, filterWidth, strideHeight, strideWidth].every((size) => size === 2) &&
    [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right].every((size) => size === 0) &&
    outHeight === inHeight >> 1 &&
    outWidth === inWidth >> 1;
  return plain ? [info.batchSize, inHeight, inWidth, info.inChannels] : undefined;
}

/** Mean pooling of 2×2 blocks and its gradient; other sizes stay with the stock kernels. */
export function registerPool({ heap, kernels }: WasmTools): void {
  replaceKernel("AvgPool", (inputs, attrs) => {
    const x = named(inputs, "x");
    const sizes = plainTwoByTwo(x.shape, attrs);
    if (sizes === undefined) return undefined;
    const [images, h, w, channels] = sizes;
    const out = heap.output([images, h >> 1, w >> 1, channels]);
    kernels.avgPool2(heap.at(x), heap.at(out), images, h, w, channels);
    return out;
  });

  replaceKernel("AvgPoolGrad", (inputs, attrs) => {
    const dy = named(inputs, "dy");
    const input = named(inputs, "input");
    const sizes = plainTwoByTwo(input.shape, attrs);
    if (sizes === undefined) return undefined;
    const [images, h, w, channels] = sizes;
    const out = heap.output(input.shape);
    kernels.avgPool2Gradient(heap.at(dy), heap.at(out), images, h, w, channels);
    return out;
  });
}
