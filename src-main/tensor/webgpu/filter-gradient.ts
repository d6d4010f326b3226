import { elements, named, replaceKernel } from "../replace-kernel.ts";
import { tf } from "../tf.ts";
import { lanes, mainPerGroup, mainPerIndex, type GpuDevice, type Shader } from "./device.ts";

/*
 * The stock program gives every filter element one thread that walks over all pixels: 1152 threads of 700,000 rounds
 * in a first layer. Here a workgroup owns a 32×32 tile of the gradient `[taps, channels]` for a share of the pixels,
 * each of its 64 threads 4×4 of it, and a second program adds the shares.
 */
const tile = 32;
const depth = 16;
/** Pixels are shared out until about this many workgroups run. */
const wantedGroups = 1024;

const shares: Shader = {
  key: "filter gradient",
  arrays: ["x", "dy", "partial"],
  writes: 2,
  integers: [
    ...["taps", "co", "ci", "kw", "height", "width", "oh", "ow", "strideY", "strideX", "top", "left"],
    ...["pixels", "share", "tapTiles"],
  ],
  floats: [],
  code: `
var<workgroup> left: array<f32, ${tile * depth}>;
var<workgroup> right: array<f32, ${tile * depth}>;
fn input(tap: i32, pixel: i32) -> f32 {
  let ci = tap % u.ci;
  let kx = (tap / u.ci) % u.kw;
  let ky = tap / u.ci / u.kw;
  let ox = pixel % u.ow;
  let oy = (pixel / u.ow) % u.oh;
  let n = pixel / u.ow / u.oh;
  let y = oy * u.strideY + ky - u.top;
  let xx = ox * u.strideX + kx - u.left;
  if (y < 0 || y >= u.height || xx < 0 || xx >= u.width) { return 0.0; }
  return x[((n * u.height + y) * u.width + xx) * u.ci + ci];
}
${mainPerGroup}
  let tap0 = (i32(workgroup.x) % u.tapTiles) * ${tile};
  let co0 = (i32(workgroup.x) / u.tapTiles) * ${tile};
  let first = i32(workgroup.y) * u.share;
  let end = min(u.pixels, first + u.share);
  let row = i32(lane) / 8 * 4;
  let column = i32(lane) % 8 * 4;
  var s0 = vec4<f32>(0.0);
  var s1 = vec4<f32>(0.0);
  var s2 = vec4<f32>(0.0);
  var s3 = vec4<f32>(0.0);
  for (var round = 0; round < u.share; round += ${depth}) {
    let base = first + round;
    for (var i = i32(lane); i < ${tile * depth}; i += ${lanes}) {
      let pixel = base + i / ${tile};
      let tap = tap0 + i % ${tile};
      let co = co0 + i % ${tile};
      var a = 0.0;
      var b = 0.0;
      if (pixel < end) {
        if (tap < u.taps) { a = input(tap, pixel); }
        if (co < u.co) { b = dy[pixel * u.co + co]; }
      }
      left[i] = a;
      right[i] = b;
    }
    workgroupBarrier();
    for (var k = 0; k < ${depth}; k++) {
      let at = k * ${tile} + column;
      let g = vec4<f32>(right[at], right[at + 1], right[at + 2], right[at + 3]);
      let start = k * ${tile} + row;
      s0 += left[start] * g;
      s1 += left[start + 1] * g;
      s2 += left[start + 2] * g;
      s3 += left[start + 3] * g;
    }
    workgroupBarrier();
  }
  var sums = array<vec4<f32>, 4>(s0, s1, s2, s3);
  for (var i = 0; i < 4; i++) {
    for (var j = 0; j < 4; j++) {
      let tap = tap0 + row + i;
      let co = co0 + column + j;
      if (tap < u.taps && co < u.co) { partial[(i32(workgroup.y) * u.taps + tap) * u.co + co] = sums[i][j]; }
    }
  }
}`,
};

const addShares: Shader = {
  key: "add shares",
  arrays: ["partial", "result"],
  writes: 1,
  integers: ["count", "shares"],
  floats: [],
  code: `${mainPerIndex("u.count")}
  var sum = 0.0;
  for (var i = 0; i < u.shares; i++) { sum += partial[i * u.count + index]; }
  result[index] = sum;
}`,
};

/** Filter gradient of convolutions without dilation. */
export function registerFilterGradient(gpu: GpuDevice): void {
  replaceKernel("webgpu", "Conv2DBackpropFilter", (inputs, attrs) => {
    const x = named(inputs, "x");
    const dy = named(inputs, "dy");
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs;
    if ((dataFormat !== undefined && dataFormat !== "NHWC") || !gpu.floats(x, dy)) return undefined;
    const shape = filterShape as [number, number, number, number];
    const info = tf.backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      shape,
      strides as number | [number, number],
      1,
      pad as number | "valid" | "same",
      dimRoundingMode as "floor" | "round" | "ceil" | undefined,
    );
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
    const taps = info.filterHeight * info.filterWidth * inChannels;
    const pixels = batchSize * outHeight * outWidth;
    const tapTiles = Math.ceil(taps / tile);
    const tiles = tapTiles * Math.ceil(outChannels / tile);
    const wanted = Math.min(Math.max(1, Math.floor(wantedGroups / tiles)), Math.ceil(pixels / depth));
    const share = Math.ceil(pixels / wanted / depth) * depth;
    const count = Math.ceil(pixels / share);
    const result = gpu.output(shape);
    const partial = count === 1 ? result : gpu.output([count, taps, outChannels]);
    gpu.run(
      shares,
      [x, dy, partial],
      [
        ...[taps, outChannels, inChannels, info.filterWidth, inHeight, inWidth, outHeight, outWidth],
        ...[info.strideHeight, info.strideWidth, padInfo.top, padInfo.left, pixels, share, tapTiles],
      ],
      [tiles, count],
    );
    if (count > 1) {
      const size = elements(shape);
      gpu.run(addShares, [partial, result], [size, count], gpu.spread(Math.ceil(size / lanes)));
      gpu.release(partial);
    }
    return result;
  });
}
