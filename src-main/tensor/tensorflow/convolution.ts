import type { backend_util as BackendUtil } from "@tensorflow/tfjs";
import { named, replaceKernel, type KernelInputs } from "../replace-kernel.ts";
import { tf } from "../tf.ts";
import type { NativeAttributes, NativeOps } from "./native-ops.ts";

type Conv2DInfo = BackendUtil.Conv2DInfo;
type Shape4 = [number, number, number, number];
type Attrs = Readonly<Record<string, unknown>>;

/**
 * Sizes of a convolution whose padding is a number, which tfjs-node refuses; `undefined` for all others, which its own
 * kernels do.
 */
function infoOf(x: readonly number[], filter: readonly number[], attrs: Attrs): Conv2DInfo | undefined {
  const { strides, pad, dataFormat, dimRoundingMode, dilations = 1 } = attrs;
  if (typeof pad !== "number" || (dataFormat !== undefined && dataFormat !== "NHWC")) return undefined;
  return tf.backend_util.computeConv2DInfo(
    x as Shape4,
    filter as Shape4,
    strides as number | [number, number],
    dilations as number | [number, number],
    pad,
    dimRoundingMode as "floor" | "round" | "ceil" | undefined,
  );
}

/** What TensorFlow calls "SAME" for these sizes: rows or columns added before and after. */
function sameEdges(size: number, window: number, stride: number, dilation: number): readonly [number, number] {
  const missing = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size);
  return [missing >> 1, missing - (missing >> 1)];
}

/** The padding in TensorFlow's words. The named ones have faster kernels, so they are used where they mean the same. */
function paddingOf(info: Conv2DInfo): NativeAttributes {
  const { inHeight, inWidth, filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const { top, bottom, left, right } = info.padInfo;
  const edges = [top, bottom, left, right];
  if (edges.every((edge) => edge === 0)) return { padding: "VALID" };
  const same = [
    ...sameEdges(inHeight, filterHeight, strideHeight, dilationHeight),
    ...sameEdges(inWidth, filterWidth, strideWidth, dilationWidth),
  ];
  if (edges.every((edge, i) => edge === same[i])) return { padding: "SAME" };
  return { padding: "EXPLICIT", explicit_paddings: [0, 0, ...edges, 0, 0] };
}

const attributesOf = (info: Conv2DInfo): NativeAttributes => ({
  strides: [1, info.strideHeight, info.strideWidth, 1],
  dilations: [1, info.dilationHeight, info.dilationWidth, 1],
  data_format: "NHWC",
  use_cudnn_on_gpu: true,
  ...paddingOf(info),
});

/** Convolution with numeric padding and both of its gradients, which TensorFlow has and tfjs-node does not pass on. */
export function registerConvolution(ops: NativeOps): void {
  replaceKernel("tensorflow", "Conv2D", (inputs: KernelInputs, attrs) => {
    const [x, filter] = [named(inputs, "x"), named(inputs, "filter")];
    const info = infoOf(x.shape, filter.shape, attrs);
    return info && ops.run("Conv2D", [x, filter], attributesOf(info));
  });

  replaceKernel("tensorflow", "Conv2DBackpropInput", (inputs, attrs) => {
    const [dy, filter] = [named(inputs, "dy"), named(inputs, "filter")];
    const info = infoOf(attrs["inputShape"] as number[], filter.shape, attrs);
    if (info === undefined) return undefined;
    const sizes = tf.tensor1d(info.inShape, "int32");
    const dx = ops.run("Conv2DBackpropInput", [sizes, filter, dy], attributesOf(info));
    sizes.dispose();
    return dx;
  });

  replaceKernel("tensorflow", "Conv2DBackpropFilter", (inputs, attrs) => {
    const [x, dy] = [named(inputs, "x"), named(inputs, "dy")];
    const info = infoOf(x.shape, attrs["filterShape"] as number[], attrs);
    if (info === undefined) return undefined;
    const sizes = tf.tensor1d(info.filterShape, "int32");
    const dw = ops.run("Conv2DBackpropFilter", [x, sizes, dy], attributesOf(info));
    sizes.dispose();
    return dw;
  });
}
