import type { backend_util as BackendUtil } from "@tensorflow/tfjs";
import { tf } from "../tf.ts";
import { named } from "../replace-kernel.ts";
import { replaceKernel, type WasmTools } from "./register.ts";

type Conv2DInfo = BackendUtil.Conv2DInfo;
type Shape4 = [number, number, number, number];
type Attrs = Readonly<Record<string, unknown>>;

/** Sizes of a convolution, or `undefined` for what our kernels leave to others: dilation and channels first. */
function infoOf(x: readonly number[], filter: readonly number[], attrs: Attrs): Conv2DInfo | undefined {
  const { strides, pad, dataFormat, dimRoundingMode, dilations = 1 } = attrs;
  if (dataFormat !== undefined && dataFormat !== "NHWC") return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4,
    filter as Shape4,
    strides as number | [number, number],
    dilations as number | [number, number],
    pad as number | "valid" | "same",
    dimRoundingMode as "floor" | "round" | "ceil" | undefined,
  );
  return info.dilationHeight === 1 && info.dilationWidth === 1 ? info : undefined;
}

/** Floats that the filter gradient reads beyond a placed image. */
const slack = 6;
const floats = (count: number): number => Math.ceil(count / 4) * 16;

/** Convolution and both gradients on one scratch: packed weights or sums first, then one placed image, then one dy. */
export function registerConvolution({ heap, kernels }: WasmTools): void {
  replaceKernel("Conv2D", (inputs, attrs) => {
    const x = named(inputs, "x");
    const filter = named(inputs, "filter");
    const info = infoOf(x.shape, filter.shape, attrs);
    if (info === undefined) return undefined;
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
    const taps = filterHeight * filterWidth * inChannels;
    const ph = (outHeight - 1) * strideHeight + filterHeight;
    const pw = (outWidth - 1) * strideWidth + filterWidth;
    const packedBytes = floats(Math.ceil(outChannels / 8) * 8 * taps);
    const out = heap.output(info.outShape);
    const packed = heap.scratch(packedBytes + floats(ph * pw * inChannels));
    kernels.packWeights(heap.at(filter), packed, taps, outChannels, outChannels, 1);
    kernels.convolve(
      ...[heap.at(x), packed, heap.at(out), packed + packedBytes],
      ...[batchSize, inHeight, inWidth, inChannels, ph, pw, padInfo.top, padInfo.left, 1, 1],
      ...[filterHeight, filterWidth, strideHeight, strideWidth, outHeight, outWidth, outChannels],
    );
    return out;
  });

  replaceKernel("Conv2DBackpropInput", (inputs, attrs) => {
    const dy = named(inputs, "dy");
    const filter = named(inputs, "filter");
    const info = infoOf(attrs["inputShape"] as number[], filter.shape, attrs);
    if (info === undefined) return undefined;
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
    const ph = inHeight + filterHeight - 1;
    const pw = inWidth + filterWidth - 1;
    const packedBytes = floats(Math.ceil(inChannels / 8) * 8 * filterHeight * filterWidth * outChannels);
    const out = heap.output(info.inShape);
    const packed = heap.scratch(packedBytes + floats(ph * pw * outChannels));
    kernels.packTurned(heap.at(filter), packed, filterHeight, filterWidth, inChannels, outChannels);
    kernels.convolve(
      ...[heap.at(dy), packed, heap.at(out), packed + packedBytes],
      ...[batchSize, outHeight, outWidth, outChannels, ph, pw],
      ...[filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left, strideHeight, strideWidth],
      ...[filterHeight, filterWidth, 1, 1, inHeight, inWidth, inChannels],
    );
    return out;
  });

  replaceKernel("Conv2DBackpropFilter", (inputs, attrs) => {
    const x = named(inputs, "x");
    const dy = named(inputs, "dy");
    const filterShape = attrs["filterShape"] as number[];
    const info = infoOf(x.shape, filterShape, attrs);
    if (info === undefined) return undefined;
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
    const ph = (outHeight - 1) * strideHeight + filterHeight;
    const pw = (outWidth - 1) * strideWidth + filterWidth;
    const wide = Math.ceil(outChannels / 8) * 8;
    const sumBytes = floats(wide * filterHeight * filterWidth * inChannels);
    const imageBytes = floats(ph * pw * inChannels + slack);
    const out = heap.output(filterShape);
    const sums = heap.scratch(sumBytes + imageBytes + floats(outHeight * outWidth * wide));
    kernels.filterGradient(
      ...[heap.at(x), heap.at(dy), heap.at(out), sums + sumBytes, sums + sumBytes + imageBytes, sums],
      ...[batchSize, inHeight, inWidth, inChannels, ph, pw, padInfo.top, padInfo.left],
      ...[filterHeight, filterWidth, strideHeight, strideWidth, outHeight, outWidth, outChannels],
    );
    return out;
  });
}
