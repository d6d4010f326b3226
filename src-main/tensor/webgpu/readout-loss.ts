import type { TensorInfo } from "@tensorflow/tfjs";
import { readoutLossGradKernel, readoutLossKernel, type ReadoutLossAttrs } from "../readout-loss.ts";
import { named, replaceKernel } from "../replace-kernel.ts";
import { lanes, mainPerGroup, mainPerIndex, type GpuDevice, type Shader } from "./device.ts";

/*
 * Loss of the read-out: some twenty small dispatches as composed operations, two as one. A thread owns a row, that is one
 * sample at one judged step; rows are few and short.
 */

/** Logit of class `c` in row `row`, and the scan over the row that makes the softmax stable in one pass. */
const rowOf = (together: boolean): string => `
fn logit(row: i32, c: i32) -> f32 {${
  together
    ? `
  var sum = 0.0;
  for (var t = 0; t < u.steps; t++) { sum += logits[(t * u.samples + row) * u.classes + c]; }
  return sum / f32(u.steps);`
    : `
  return logits[row * u.classes + c];`
}
}
/** Largest logit of the row, and the sum of the exponentials of the others' distance to it. */
fn scan(row: i32) -> vec2<f32> {
  var most = logit(row, 0);
  var sum = 1.0;
  for (var c = 1; c < u.classes; c++) {
    let z = logit(row, c);
    if (z > most) {
      sum = sum * exp(most - z) + 1.0;
      most = z;
    } else {
      sum += exp(z - most);
    }
  }
  return vec2<f32>(most, sum);
}`;

const scalars = { integers: ["samples", "classes", "steps", "judged"], floats: ["goal"] };

const forward = (together: boolean): Shader => ({
  key: `readout loss ${together}`,
  arrays: ["logits", "truth", "weights", "loss", "parts"],
  writes: 3,
  ...scalars,
  code: `
var<workgroup> firsts: array<f32, ${lanes}>;
var<workgroup> seconds: array<f32, ${lanes}>;
${rowOf(together)}
${mainPerGroup}
  var total = 0.0;
  for (var s = 0; s < u.judged; s++) {
    var entropy = 0.0;
    var squares = 0.0;
    for (var n = i32(lane); n < u.samples; n += ${lanes}) {
      let row = s * u.samples + n;
      let scanned = scan(row);
      let normal = scanned.x + log(scanned.y);
      for (var c = 0; c < u.classes; c++) {
        let z = logit(row, c);
        entropy += truth[n * u.classes + c] * (normal - z);
        squares += (z - u.goal) * (z - u.goal);
      }
    }
    firsts[lane] = entropy;
    seconds[lane] = squares;
    workgroupBarrier();
    if (lane == 0u) {
      for (var i = 1u; i < ${lanes}u; i++) {
        entropy += firsts[i];
        squares += seconds[i];
      }
      entropy /= f32(u.samples);
      squares /= f32(u.samples * u.classes);
      parts[s] = entropy;
      parts[u.judged + s] = squares;
      total += weights[s] * entropy + weights[u.judged + s] * squares;
    }
    workgroupBarrier();
  }
  if (lane == 0u) { loss[0] = total / f32(u.judged); }
}`,
});

/*
 * With p the softmax of a row and y its truth: dCE/dz = (p·Σy − y)/N and dMSE/dz = 2·(z − m)/(N·C); when the steps are
 * judged together, each of them has a T-th of the gradient of their mean.
 */
const backward = (together: boolean): Shader => ({
  key: `readout loss gradient ${together}`,
  arrays: ["dy", "logits", "truth", "weights", "dlogits"],
  writes: 4,
  ...scalars,
  code: `${rowOf(together)}
${mainPerIndex("u.judged * u.samples")}
  let s = index / u.samples;
  let n = index % u.samples;
  let share = dy[0] / f32(u.judged) / f32(u.samples)${together ? " / f32(u.steps)" : ""};
  let forEntropy = weights[s] * share;
  let forSquares = weights[u.judged + s] * share * 2.0 / f32(u.classes);
  let scanned = scan(index);
  var whole = 0.0;
  for (var c = 0; c < u.classes; c++) { whole += truth[n * u.classes + c]; }
  for (var c = 0; c < u.classes; c++) {
    let z = logit(index, c);
    let p = exp(z - scanned.x) / scanned.y;
    let d = forEntropy * (p * whole - truth[n * u.classes + c]) + forSquares * (z - u.goal);
    ${
      together
        ? "for (var t = 0; t < u.steps; t++) { dlogits[(t * u.samples + n) * u.classes + c] = d; }"
        : "dlogits[index * u.classes + c] = d;"
    }
  }
}`,
});

/** The loss of the read-out in one dispatch each way. */
export function registerReadoutLoss(gpu: GpuDevice): void {
  const told = ({ shape }: TensorInfo, { steps, target, together }: ReadoutLossAttrs) => {
    const [rows = 0, classes = 1] = shape;
    const judged = together ? 1 : steps;
    return { judged, samples: rows / steps, numbers: [rows / steps, classes, steps, judged, target] };
  };
  const floats = (...tensors: readonly TensorInfo[]): void => {
    if (!gpu.floats(...tensors)) throw new Error("the loss of the read-out needs real floats, not relabeled integers");
  };

  replaceKernel("webgpu", readoutLossKernel, (inputs, raw) => {
    const attrs = raw as unknown as ReadoutLossAttrs;
    const [logits, truth, weights] = [named(inputs, "logits"), named(inputs, "truth"), named(inputs, "weights")];
    floats(logits, truth, weights);
    const { judged, numbers } = told(logits, attrs);
    const outputs = [gpu.output([]), gpu.output([2, judged])];
    gpu.run(forward(attrs.together), [logits, truth, weights, ...outputs], numbers, [1, 1]);
    return outputs;
  });

  replaceKernel("webgpu", readoutLossGradKernel, (inputs, raw) => {
    const attrs = raw as unknown as ReadoutLossAttrs;
    const [dy, logits] = [named(inputs, "dy"), named(inputs, "logits")];
    const [truth, weights] = [named(inputs, "truth"), named(inputs, "weights")];
    floats(dy);
    const { judged, samples, numbers } = told(logits, attrs);
    const dlogits = gpu.output(logits.shape);
    const groups = gpu.spread(Math.ceil((judged * samples) / lanes));
    gpu.run(backward(attrs.together), [dy, logits, truth, weights, dlogits], numbers, groups);
    return dlogits;
  });
}
