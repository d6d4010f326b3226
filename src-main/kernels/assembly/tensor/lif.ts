import { exp4 } from "./vector";

/*
 * Leaky integrate-and-fire over all time steps. x, dy and the results are `[steps, neurons]`. Nothing here is fused to
 * a multiply-add: the threshold must see exactly the numbers that the composed form sees.
 */

/** Four neurons, or with `full` false the lowest lane only. */
// @ts-ignore: decorator
@inline
function take(from: usize, full: bool): v128 {
  if (full) return v128.load(from);
  return v128.load32_zero(from);
}

// @ts-ignore: decorator
@inline
function give(to: usize, value: v128, full: bool): void {
  if (full) v128.store(to, value);
  else store<f32>(to, f32x4.extract_lane(value, 0));
}

// @ts-ignore: decorator
@inline
function forwardLanes(
  x: usize,
  out: usize,
  steps: i32,
  stepBytes: usize,
  keep: v128,
  gain: v128,
  threshold: v128,
  output: i32,
  full: bool,
): void {
  const one = f32x4.splat(1);
  let v = f32x4.splat(0);
  for (let t = 0; t < steps; t++) {
    const pre = f32x4.add(f32x4.mul(v, keep), f32x4.mul(take(x, full), gain));
    const fired = f32x4.gt(f32x4.sub(pre, threshold), f32x4.splat(0));
    v = v128.andnot(pre, fired);
    give(out, output == 0 ? v128.and(fired, one) : output == 1 ? v : pre, full);
    x += stepBytes;
    out += stepBytes;
  }
}

/** @param output 0 spikes, 1 potential after the reset, 2 potential before it. */
export function lifForward(
  x: usize,
  out: usize,
  steps: i32,
  neurons: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  output: i32,
): void {
  const stepBytes = <usize>neurons << 2;
  const k = f32x4.splat(keep);
  const g = f32x4.splat(gain);
  const th = f32x4.splat(threshold);
  const whole = neurons & ~3;
  for (let i = 0; i < whole; i += 4) {
    const offset = <usize>i << 2;
    forwardLanes(x + offset, out + offset, steps, stepBytes, k, g, th, output, true);
  }
  for (let i = whole; i < neurons; i++) {
    const offset = <usize>i << 2;
    forwardLanes(x + offset, out + offset, steps, stepBytes, k, g, th, output, false);
  }
}

/** g'(u); kinds in the order of `surrogateKinds` in wasm/neuron-kernels.ts. `c` is the kind's constant. */
// @ts-ignore: decorator
@inline
function surrogate(kind: i32, u: v128, c: f32): v128 {
  const size = f32x4.abs(u);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  switch (kind) {
    case 0:
      return f32x4.max(zero, f32x4.sub(f32x4.splat(c), f32x4.mul(size, f32x4.splat(c * c))));
    case 1:
      return v128.and(f32x4.lt(size, f32x4.splat(0.5)), one);
    case 2:
      return f32x4.mul(f32x4.max(zero, f32x4.sub(f32x4.splat(c), size)), f32x4.splat(1 / (c * c)));
    case 3:
      return v128.and(f32x4.lt(size, f32x4.splat(1 / c)), one);
    case 4: {
      const scaled = f32x4.mul(u, f32x4.splat(<f32>1.57079632679489662 * c));
      return f32x4.div(f32x4.splat(c * 0.5), f32x4.add(one, f32x4.mul(scaled, scaled)));
    }
    default: {
      const sigma = f32x4.div(one, f32x4.add(one, exp4(f32x4.mul(f32x4.neg(u), f32x4.splat(c)))));
      return f32x4.mul(f32x4.mul(sigma, f32x4.sub(one, sigma)), f32x4.splat(c));
    }
  }
}

// @ts-ignore: decorator
@inline
function backwardLanes(
  x: usize,
  dy: usize,
  dx: usize,
  scratch: usize,
  steps: i32,
  stepBytes: usize,
  keep: v128,
  gain: v128,
  threshold: v128,
  detach: bool,
  output: i32,
  kind: i32,
  constant: f32,
  full: bool,
): void {
  let v = f32x4.splat(0);
  let at = scratch;
  for (let t = 0; t < steps; t++) {
    const pre = f32x4.add(f32x4.mul(v, keep), f32x4.mul(take(x, full), gain));
    const u = f32x4.sub(pre, threshold);
    v = v128.andnot(pre, f32x4.gt(u, f32x4.splat(0)));
    v128.store(at, pre);
    at += 16;
    x += stepBytes;
  }
  const past = stepBytes * <usize>steps;
  dy += past;
  dx += past;
  let carried = f32x4.splat(0);
  for (let t = 0; t < steps; t++) {
    at -= 16;
    dy -= stepBytes;
    dx -= stepBytes;
    const pre = v128.load(at);
    const u = f32x4.sub(pre, threshold);
    const fired = f32x4.gt(u, f32x4.splat(0));
    const g = take(dy, full);
    const post = output == 1 ? f32x4.add(g, carried) : carried;
    let spike = output == 0 ? g : f32x4.splat(0);
    if (!detach) spike = f32x4.sub(spike, f32x4.mul(post, pre));
    let d = f32x4.add(v128.andnot(post, fired), f32x4.mul(spike, surrogate(kind, u, constant)));
    if (output == 2) d = f32x4.add(d, g);
    give(dx, f32x4.mul(d, gain), full);
    carried = f32x4.mul(d, keep);
  }
}

// @ts-ignore: decorator
@inline
function backwardOf(
  kind: i32,
  x: usize,
  dy: usize,
  dx: usize,
  scratch: usize,
  steps: i32,
  neurons: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  detach: bool,
  output: i32,
  constant: f32,
): void {
  const stepBytes = <usize>neurons << 2;
  const k = f32x4.splat(keep);
  const g = f32x4.splat(gain);
  const th = f32x4.splat(threshold);
  const whole = neurons & ~3;
  for (let i = 0; i < whole; i += 4) {
    const o = <usize>i << 2;
    backwardLanes(x + o, dy + o, dx + o, scratch, steps, stepBytes, k, g, th, detach, output, kind, constant, true);
  }
  for (let i = whole; i < neurons; i++) {
    const o = <usize>i << 2;
    backwardLanes(x + o, dy + o, dx + o, scratch, steps, stepBytes, k, g, th, detach, output, kind, constant, false);
  }
}

/** Gradient of one output with respect to x. `scratch` holds 16 bytes per step. */
export function lifBackward(
  x: usize,
  dy: usize,
  dx: usize,
  scratch: usize,
  steps: i32,
  neurons: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  detach: i32,
  output: i32,
  kind: i32,
  constant: f32,
): void {
  const d = detach != 0;
  switch (kind) {
    case 0:
      return backwardOf(0, x, dy, dx, scratch, steps, neurons, keep, gain, threshold, d, output, constant);
    case 1:
      return backwardOf(1, x, dy, dx, scratch, steps, neurons, keep, gain, threshold, d, output, constant);
    case 2:
      return backwardOf(2, x, dy, dx, scratch, steps, neurons, keep, gain, threshold, d, output, constant);
    case 3:
      return backwardOf(3, x, dy, dx, scratch, steps, neurons, keep, gain, threshold, d, output, constant);
    case 4:
      return backwardOf(4, x, dy, dx, scratch, steps, neurons, keep, gain, threshold, d, output, constant);
    default:
      return backwardOf(5, x, dy, dx, scratch, steps, neurons, keep, gain, threshold, d, output, constant);
  }
}

/*
 * The same behind batch norm: the neuron's input is (x − mean)·factor + β of its channel, computed on the way in the
 * very steps that `bnNormalize` takes. Channels are a multiple of four, so that four neurons are four channels.
 */

/** γ·scale/√(variance + ε) of every group and channel. */
export function bnFactors(stats: usize, gamma: usize, factors: usize, groups: i32, channels: i32, epsilon: f64, scale: f64): void {
  const variance = stats + (<usize>(groups * channels) << 2);
  for (let i = 0; i < groups * channels; i++) {
    const o = <usize>i << 2;
    const weight = <f64>load<f32>(gamma + (<usize>(i % channels) << 2)) * scale;
    store<f32>(factors + o, <f32>(weight / sqrt(<f64>load<f32>(variance + o) + epsilon)));
  }
}

// @ts-ignore: decorator
@inline
function normal(x: usize, mean: usize, factor: usize, beta: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), v128.load(mean)), v128.load(factor)), beta);
}

/** `lifForward` behind batch norm; `groups` is 1 or the number of steps. */
export function bnLifForward(
  x: usize,
  out: usize,
  stats: usize,
  factors: usize,
  beta: usize,
  groups: i32,
  steps: i32,
  neurons: i32,
  channels: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  output: i32,
): void {
  const stepBytes = <usize>neurons << 2;
  const groupBytes = groups == 1 ? 0 : <usize>channels << 2;
  const k = f32x4.splat(keep);
  const g = f32x4.splat(gain);
  const th = f32x4.splat(threshold);
  const one = f32x4.splat(1);
  let c = 0;
  for (let i = 0; i < neurons; i += 4) {
    const offset = <usize>c << 2;
    const shift = v128.load(beta + offset);
    let mean = stats + offset;
    let factor = factors + offset;
    let at = <usize>i << 2;
    let v = f32x4.splat(0);
    for (let t = 0; t < steps; t++) {
      const pre = f32x4.add(f32x4.mul(v, k), f32x4.mul(normal(x + at, mean, factor, shift), g));
      const fired = f32x4.gt(f32x4.sub(pre, th), f32x4.splat(0));
      v = v128.andnot(pre, fired);
      v128.store(out + at, output == 0 ? v128.and(fired, one) : output == 1 ? v : pre);
      at += stepBytes;
      mean += groupBytes;
      factor += groupBytes;
    }
    c += 4;
    if (c == channels) c = 0;
  }
}

// @ts-ignore: decorator
@inline
function bnLifBackwardOf(
  kind: i32,
  x: usize,
  dy: usize,
  dx: usize,
  stats: usize,
  factors: usize,
  beta: usize,
  scratch: usize,
  groups: i32,
  steps: i32,
  neurons: i32,
  channels: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  detach: bool,
  output: i32,
  constant: f32,
): void {
  const stepBytes = <usize>neurons << 2;
  const groupBytes = groups == 1 ? 0 : <usize>channels << 2;
  const k = f32x4.splat(keep);
  const gn = f32x4.splat(gain);
  const th = f32x4.splat(threshold);
  let c = 0;
  for (let i = 0; i < neurons; i += 4) {
    const offset = <usize>c << 2;
    const shift = v128.load(beta + offset);
    let mean = stats + offset;
    let factor = factors + offset;
    let at = <usize>i << 2;
    let trace = scratch;
    let v = f32x4.splat(0);
    for (let t = 0; t < steps; t++) {
      const pre = f32x4.add(f32x4.mul(v, k), f32x4.mul(normal(x + at, mean, factor, shift), gn));
      v = v128.andnot(pre, f32x4.gt(f32x4.sub(pre, th), f32x4.splat(0)));
      v128.store(trace, pre);
      trace += 16;
      at += stepBytes;
      mean += groupBytes;
      factor += groupBytes;
    }
    let carried = f32x4.splat(0);
    for (let t = 0; t < steps; t++) {
      trace -= 16;
      at -= stepBytes;
      const pre = v128.load(trace);
      const u = f32x4.sub(pre, th);
      const fired = f32x4.gt(u, f32x4.splat(0));
      const g = v128.load(dy + at);
      const post = output == 1 ? f32x4.add(g, carried) : carried;
      let spike = output == 0 ? g : f32x4.splat(0);
      if (!detach) spike = f32x4.sub(spike, f32x4.mul(post, pre));
      let d = f32x4.add(v128.andnot(post, fired), f32x4.mul(spike, surrogate(kind, u, constant)));
      if (output == 2) d = f32x4.add(d, g);
      v128.store(dx + at, f32x4.mul(d, gn));
      carried = f32x4.mul(d, k);
    }
    c += 4;
    if (c == channels) c = 0;
  }
}

/** `lifBackward` behind batch norm: the gradient with respect to the normalized value. */
export function bnLifBackward(
  x: usize,
  dy: usize,
  dx: usize,
  stats: usize,
  factors: usize,
  beta: usize,
  scratch: usize,
  groups: i32,
  steps: i32,
  neurons: i32,
  channels: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  detach: i32,
  output: i32,
  kind: i32,
  constant: f32,
): void {
  const d = detach != 0;
  switch (kind) {
    case 0:
      return bnLifBackwardOf(0, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
    case 1:
      return bnLifBackwardOf(1, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
    case 2:
      return bnLifBackwardOf(2, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
    case 3:
      return bnLifBackwardOf(3, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
    case 4:
      return bnLifBackwardOf(4, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
    default:
      return bnLifBackwardOf(5, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
  }
}
