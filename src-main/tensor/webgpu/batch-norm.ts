import type { TensorInfo } from "@tensorflow/tfjs";
import { batchNormGradKernel, batchNormKernel, type BatchNormAttrs } from "../batch-norm.ts";
import { normalizedLifGradKernel, normalizedLifKernel, type NormalizedLifAttrs } from "../normalized-lif.ts";
import { elements, named, replaceKernel, type KernelInputs } from "../replace-kernel.ts";
import { lanes, mainPerGroup, mainPerIndex, type GpuDevice, type Shader } from "./device.ts";
import { runBackward, runForward, type Normalization } from "./neuron.ts";

/*
 * Sums over rows run in two passes: workgroups each take a block of rows and up to 64 channels, a second program adds
 * the blocks. One workgroup per channel would leave a GPU idle at 16 channels and read with strides.
 */

/** Rows are cut into at most this many blocks per group. */
const mostBlocks = 256;
/** A block shorter than this is not worth a workgroup. */
const fewestRows = 32;

interface Cut {
  readonly channels: number;
  readonly rows: number;
  readonly groups: number;
  readonly blocks: number;
  readonly blockRows: number;
  /** Channels that a workgroup takes side by side, a power of two; the other lanes take other rows. */
  readonly width: number;
}

function cutOf(shape: readonly number[], groups: number): Cut {
  const channels = shape.at(-1) ?? 1;
  const rows = elements(shape) / channels / groups;
  const blockRows = Math.max(fewestRows, Math.ceil(rows / mostBlocks));
  const width = Math.min(lanes, 2 ** Math.ceil(Math.log2(channels)));
  return { channels, rows, groups, blocks: Math.ceil(rows / blockRows), blockRows, width };
}

/** Adds two values of every row, `first` and `second` of (x, dy, centre), into `partial` `[2, groups, blocks, channels]`. */
const sumProgram = (
  key: string,
  arrays: readonly string[],
  width: number,
  centre: string,
  first: string,
  second: string,
): Shader => ({
  key: `${key} ${width}`,
  arrays: [...arrays, "partial"],
  writes: arrays.length,
  integers: ["channels", "rows", "groups", "blocks", "blockRows"],
  floats: [],
  code: `
var<workgroup> firsts: array<f32, ${lanes}>;
var<workgroup> seconds: array<f32, ${lanes}>;
${mainPerGroup}
  let slices = (u.channels + ${width - 1}) / ${width};
  let c = (i32(workgroup.x) % slices) * ${width} + i32(lane) % ${width};
  let block = i32(workgroup.x) / slices;
  let g = i32(workgroup.y);
  let own = i32(lane) / ${width};
  let end = min(u.rows, (block + 1) * u.blockRows);
  var a = 0.0;
  var b = 0.0;
  if (c < u.channels) {
    let centre = ${centre};
    for (var row = block * u.blockRows + own; row < end; row += ${lanes / width}) {
      let at = (g * u.rows + row) * u.channels + c;
      let value = x[at] - centre;
      a += ${first};
      b += ${second};
    }
  }
  firsts[lane] = a;
  seconds[lane] = b;
  workgroupBarrier();
  if (own == 0 && c < u.channels) {
    for (var i = lane + ${width}u; i < ${lanes}u; i += ${width}u) {
      a += firsts[i];
      b += seconds[i];
    }
    let at = (g * u.blocks + block) * u.channels + c;
    partial[at] = a;
    partial[u.groups * u.blocks * u.channels + at] = b;
  }
}`,
});

// Shifted by each group's first row, which keeps the difference of squares harmless.
const moments = (width: number): Shader =>
  sumProgram("moments", ["x"], width, "x[g * u.rows * u.channels + c]", "value", "value * value");

const gradientSums = (width: number): Shader =>
  sumProgram("gradient sums", ["x", "dy", "stats"], width, "stats[g * u.channels + c]", "dy[at]", "dy[at] * value");

/** Adds the blocks of (group, channel) `index`; `g` and `c` are at hand afterwards. */
const addBlocks = `
  let g = index / u.channels;
  let c = index % u.channels;
  let second = u.groups * u.blocks * u.channels;
  var a = 0.0;
  var b = 0.0;
  for (var block = 0; block < u.blocks; block++) {
    let at = (g * u.blocks + block) * u.channels + c;
    a += partial[at];
    b += partial[second + at];
  }`;

const finishMoments: Shader = {
  key: "finish moments",
  arrays: ["x", "partial", "stats"],
  writes: 2,
  integers: ["channels", "rows", "groups", "blocks"],
  floats: [],
  code: `${mainPerIndex("u.groups * u.channels")}${addBlocks}
  let n = f32(u.rows);
  let shift = a / n;
  stats[index] = x[g * u.rows * u.channels + c] + shift;
  stats[u.groups * u.channels + index] = max(0.0, b / n - shift * shift);
}`,
};

const normalize: Shader = {
  key: "normalize",
  arrays: ["x", "stats", "gamma", "beta", "result"],
  writes: 4,
  integers: ["count", "channels", "rows", "groups"],
  floats: ["epsilon", "scale"],
  code: `${mainPerIndex("u.count")}
  let c = index % u.channels;
  let at = (index / u.channels / u.rows) * u.channels + c;
  let factor = gamma[c] * u.scale / sqrt(stats[u.groups * u.channels + at] + u.epsilon);
  result[index] = (x[index] - stats[at]) * factor + beta[c];
}`,
};

/** Per group and channel Σ dy and Σ dy·x̂ into `sums` `[2, groups, channels]`. */
const finishSums: Shader = {
  key: "finish gradient sums",
  arrays: ["partial", "stats", "sums"],
  writes: 2,
  integers: ["channels", "groups", "blocks"],
  floats: ["epsilon"],
  code: `${mainPerIndex("u.groups * u.channels")}${addBlocks}
  sums[index] = a;
  sums[u.groups * u.channels + index] = b * inverseSqrt(stats[u.groups * u.channels + index] + u.epsilon);
}`,
};

/** dx; the first threads add dγ and dβ over the groups besides. */
const gradient: Shader = {
  key: "batch norm gradient",
  arrays: ["x", "dy", "gamma", "stats", "sums", "dx", "dgamma", "dbeta"],
  writes: 5,
  integers: ["count", "channels", "rows", "groups"],
  floats: ["epsilon", "scale"],
  code: `${mainPerIndex("u.count")}
  let c = index % u.channels;
  let at = (index / u.channels / u.rows) * u.channels + c;
  let second = u.groups * u.channels;
  let inverse = inverseSqrt(stats[second + at] + u.epsilon);
  let n = f32(u.rows);
  let normal = (x[index] - stats[at]) * inverse;
  dx[index] = gamma[c] * u.scale * inverse * (dy[index] - sums[at] / n - normal * sums[second + at] / n);
  if (index < u.channels) {
    var forGamma = 0.0;
    var forBeta = 0.0;
    for (var g = 0; g < u.groups; g++) {
      forBeta += sums[g * u.channels + c];
      forGamma += sums[second + g * u.channels + c];
    }
    dgamma[c] = forGamma * u.scale;
    dbeta[c] = forBeta;
  }
}`,
};

function partialOf(gpu: GpuDevice, program: Shader, inputs: readonly TensorInfo[], cut: Cut): TensorInfo {
  const { channels, rows, groups, blocks, blockRows, width } = cut;
  const partial = gpu.output([2, groups, blocks, channels]);
  const slices = Math.ceil(channels / width);
  gpu.run(program, [...inputs, partial], [channels, rows, groups, blocks, blockRows], [blocks * slices, groups]);
  return partial;
}

const workgroups = (gpu: GpuDevice, count: number): readonly [number, number] => gpu.spread(Math.ceil(count / lanes));

/** Means and biased variances `[2, groups, C]`, in two dispatches. */
export function runStats(gpu: GpuDevice, x: TensorInfo, groups: number): TensorInfo {
  const cut = cutOf(x.shape, groups);
  const { channels, rows, blocks } = cut;
  const partial = partialOf(gpu, moments(cut.width), [x], cut);
  const stats = gpu.output([2, groups, channels]);
  gpu.run(finishMoments, [x, partial, stats], [channels, rows, groups, blocks], workgroups(gpu, groups * channels));
  gpu.release(partial);
  return stats;
}

/** dx, dγ, dβ from the gradient of the normalized values, in three dispatches. */
export function runGradient(
  gpu: GpuDevice,
  { groups, epsilon, scale }: BatchNormAttrs,
  x: TensorInfo,
  dy: TensorInfo,
  gamma: TensorInfo,
  stats: TensorInfo,
): TensorInfo[] {
  const cut = cutOf(x.shape, groups);
  const { channels, rows, blocks } = cut;
  const count = elements(x.shape);
  const partial = partialOf(gpu, gradientSums(cut.width), [x, dy, stats], cut);
  const sums = gpu.output([2, groups, channels]);
  gpu.run(finishSums, [partial, stats, sums], [channels, groups, blocks, epsilon], workgroups(gpu, groups * channels));
  gpu.release(partial);
  const outputs = [gpu.output(x.shape), gpu.output([channels]), gpu.output([channels])];
  const scalars = [count, channels, rows, groups, epsilon, scale];
  gpu.run(gradient, [x, dy, gamma, stats, sums, ...outputs], scalars, workgroups(gpu, count));
  gpu.release(sums);
  return outputs;
}

/** Statistics in three dispatches forward and three backward, whatever the number of groups; with its neuron one less. */
export function registerBatchNorm(gpu: GpuDevice): void {
  replaceKernel("webgpu", batchNormKernel, (inputs, raw) => {
    const { groups, epsilon, scale } = raw as unknown as BatchNormAttrs;
    const [x, gamma, beta] = [named(inputs, "x"), named(inputs, "gamma"), named(inputs, "beta")];
    if (!gpu.floats(x, gamma, beta)) return undefined;
    const count = elements(x.shape);
    const channels = x.shape.at(-1) ?? 1;
    const stats = runStats(gpu, x, groups);
    const y = gpu.output(x.shape);
    const scalars = [count, channels, count / channels / groups, groups, epsilon, scale];
    gpu.run(normalize, [x, stats, gamma, beta, y], scalars, workgroups(gpu, count));
    return [y, stats];
  });

  replaceKernel("webgpu", batchNormGradKernel, (inputs, raw) => {
    const [x, dy, gamma, stats] = [named(inputs, "x"), named(inputs, "dy"), named(inputs, "gamma"), named(inputs, "stats")];
    if (!gpu.floats(x, dy, gamma, stats)) return undefined;
    return runGradient(gpu, raw as unknown as BatchNormAttrs, x, dy, gamma, stats);
  });

  const normalizationOf = (inputs: KernelInputs, stats: TensorInfo, attrs: NormalizedLifAttrs): Normalization => ({
    tensors: [named(inputs, "gamma"), named(inputs, "beta"), stats],
    integers: [named(inputs, "x").shape.at(-1) ?? 1, attrs.groups],
    floats: [attrs.epsilon, attrs.scale],
  });

  replaceKernel("webgpu", normalizedLifKernel, (inputs, raw) => {
    const attrs = raw as unknown as NormalizedLifAttrs;
    const x = named(inputs, "x");
    if (!gpu.floats(x)) throw new Error("batch norm with its neuron needs real floats, not relabeled integers");
    const stats = runStats(gpu, x, attrs.groups);
    return [runForward(gpu, attrs, x, normalizationOf(inputs, stats, attrs)), stats];
  });

  replaceKernel("webgpu", normalizedLifGradKernel, (inputs, raw) => {
    const attrs = raw as unknown as NormalizedLifAttrs;
    const [x, dy, gamma, stats] = [named(inputs, "x"), named(inputs, "dy"), named(inputs, "gamma"), named(inputs, "stats")];
    if (!gpu.floats(dy)) throw new Error("batch norm with its neuron needs a gradient of real floats");
    const dn = runBackward(gpu, attrs, x, dy, normalizationOf(inputs, stats, attrs));
    const outputs = runGradient(gpu, attrs, x, dn, gamma, stats);
    gpu.release(dn);
    return outputs;
  });
}
