import type { DataType, TensorInfo, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { tf } from "../tf.ts";

/*
 * The members of the pinned tfjs WebGPU backend that are used although its types call them private, and the few calls
 * of WebGPU that we make beside it: the only file that knows them. They are checked at the start.
 */

interface TensorData {
  readonly dtype: DataType;
  readonly refCount: number;
  readonly resource?: object | null;
  values?: unknown;
}

interface ComputePass {
  setPipeline(pipeline: Pipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}

interface Pipeline {
  getBindGroupLayout(index: number): object;
}

interface Device {
  createShaderModule(descriptor: { code: string; label: string }): object;
  createComputePipeline(descriptor: object): Pipeline;
  createBindGroup(descriptor: object): object;
  readonly limits: { readonly maxComputeWorkgroupsPerDimension: number };
}

type UniformField = { readonly type: "int32" | "float32"; readonly data: number[] };

interface PrivateBackend {
  readonly device: Device;
  readonly tensorMap: { get(dataId: object): TensorData };
  readonly commandQueueOwnedIds: { add(dataId: object): void };
  readonly commandEncoder: { beginComputePass(descriptor: object): ComputePass };
  computePassEncoder: ComputePass | null;
  dispatchCountInPass: number;
  makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
  uploadToGPU(dataId: object): void;
  tensorToBinding(tensor: TensorInfo): object;
  makeUniforms(fields: UniformField[]): object;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

const methods = [
  "makeTensorInfo",
  "uploadToGPU",
  "tensorToBinding",
  "makeUniforms",
  "ensureCommandEncoderReady",
  "endComputePassEncoder",
  "submitQueue",
] as const;

/** One program of ours. Bindings are `f32` arrays in the order of the calls; what is written comes last. */
export interface Shader {
  /** Unique among all programs; everything that changes the source must be in it. */
  readonly key: string;
  /** Names of the arrays; those from `writes` on may be written. */
  readonly arrays: readonly string[];
  readonly writes: number;
  /** Names of the scalars in `u`. */
  readonly integers: readonly string[];
  readonly floats: readonly string[];
  /** Declarations, then `fn main`, with `workgroup`, `groups` and `lane` at hand. */
  readonly code: string;
}

/** Threads per workgroup, of every program. */
export const lanes = 64;

const header = ({ arrays, writes, integers, floats }: Shader): string => {
  const fields = [...integers.map((name) => `${name}: i32,`), ...floats.map((name) => `${name}: f32,`)].join(" ");
  const bindings = arrays.map(
    (name, i) => `@group(0) @binding(${i}) var<storage, ${i < writes ? "read" : "read_write"}> ${name}: array<f32>;`,
  );
  return [`struct Uniforms { ${fields} };`, ...bindings, `@group(0) @binding(${arrays.length}) var<uniform> u: Uniforms;`].join(
    "\n",
  );
};

/** Opening of a program whose threads each have an index of their own, counted over two dimensions of workgroups. */
export const mainPerIndex = (count: string): string => `
@compute @workgroup_size(${lanes}) fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = i32((workgroup.y * groups.x + workgroup.x) * ${lanes}u + lane);
  if (index >= ${count}) { return; }`;

/** Opening of a program whose workgroups work together. */
export const mainPerGroup = `
@compute @workgroup_size(${lanes}) fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {`;

/** The WebGPU backend as our kernels see it. */
export class GpuDevice {
  /** Programs run so far, ours only. */
  dispatches = 0;
  readonly #backend: PrivateBackend;
  readonly #pipelines = new Map<string, Pipeline>();

  /** @throws AppError `no-backend` when the backend is not the version that this was written for. */
  constructor(backend: unknown) {
    const candidate = backend as PrivateBackend;
    const complete =
      methods.every((name) => typeof candidate[name] === "function") &&
      typeof candidate.tensorMap?.get === "function" &&
      typeof candidate.commandQueueOwnedIds?.add === "function" &&
      typeof candidate.dispatchCountInPass === "number";
    if (!complete) {
      throw new AppError("no-backend", "The installed @tensorflow/tfjs-backend-webgpu is not the version Saccade was made for", {
        hint: "Install the exact versions again: npm ci.",
      });
    }
    this.#backend = candidate;
  }

  /** A new tensor with undefined content. */
  output(shape: readonly number[]): TensorInfo {
    return this.#backend.makeTensorInfo([...shape], "float32");
  }

  /** Frees a tensor that never left a kernel. */
  release(tensor: TensorInfo): void {
    (tf.backend() as unknown as { disposeData(dataId: object): void }).disposeData(tensor.dataId);
  }

  /** Whether all of them really hold floats: a cast from bool relabels a buffer of integers. */
  floats(...tensors: readonly TensorInfo[]): boolean {
    return tensors.every(({ dataId }) => this.#backend.tensorMap.get(dataId).dtype === "float32");
  }

  /** Splits a number of workgroups over two dimensions, each within the device's limit. */
  spread(groups: number): readonly [number, number] {
    const most = this.#backend.device.limits.maxComputeWorkgroupsPerDimension;
    if (groups <= most) return [groups, 1];
    const rows = Math.ceil(groups / most);
    return [Math.ceil(groups / rows), rows];
  }

  /** Records one dispatch into the backend's own command queue. */
  run(shader: Shader, tensors: readonly TensorInfo[], scalars: readonly number[], groups: readonly [number, number]): void {
    const backend = this.#backend;
    const { integers, floats, key } = shader;
    for (const { dataId } of tensors) backend.uploadToGPU(dataId);
    const fields = scalars.map((value, i): UniformField => ({ type: i < integers.length ? "int32" : "float32", data: [value] }));
    if (fields.length !== integers.length + floats.length) throw new Error(`program "${key}" got ${fields.length} scalars`);
    const pipeline = this.#pipeline(shader);
    const resources = [...tensors.map((tensor) => backend.tensorToBinding(tensor)), backend.makeUniforms(fields)];
    const group = backend.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder.beginComputePass({});
    const pass = backend.computePassEncoder;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups[0], groups[1], 1);
    this.dispatches++;
    backend.dispatchCountInPass++;
    if (backend.dispatchCountInPass >= tf.env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
  }

  #pipeline(shader: Shader): Pipeline {
    const known = this.#pipelines.get(shader.key);
    if (known !== undefined) return known;
    const { device } = this.#backend;
    const module = device.createShaderModule({ code: `${header(shader)}\n${shader.code}`, label: shader.key });
    const pipeline = device.createComputePipeline({ compute: { module, entryPoint: "main" }, label: shader.key, layout: "auto" });
    this.#pipelines.set(shader.key, pipeline);
    return pipeline;
  }

  /** Makes sure that nobody else sees what is going to be written into the variable: clones share its data. */
  own(variable: Variable): void {
    if (this.#backend.tensorMap.get(variable.dataId).refCount > 1) {
      tf.tidy(() => variable.assign(tf.add(variable, 0)));
    }
    this.#backend.uploadToGPU(variable.dataId);
  }

  /** Forgets what was read of a variable before it was written. */
  changed(variable: Variable): void {
    this.#backend.tensorMap.get(variable.dataId).values = null;
  }
}
