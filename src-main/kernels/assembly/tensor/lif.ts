import { exp4 } from "./vector";

/*
 * Leaky integrate-and-fire over all time steps, alone or behind batch norm. x, dy and the results are `[steps, neurons]`. Nothing
 * here is fused to a multiply-add: the threshold must see exactly the numbers that the composed form sees.
 *
 * Behind batch norm the neuron's input is (x − mean)·factor + β of its channel, computed on the way in the very steps that
 * `bnNormalize` takes. Channels are a multiple of four then, so that four neurons are four channels.
 *
 * `full` and `normed` are constants wherever these functions are called; each call compiles to a loop of its own without them.
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
function drive(x: usize, full: bool, normed: bool, mean: usize, factor: usize, shift: v128): v128 {
  const value = take(x, full);
  if (!normed) return value;
  return f32x4.add(f32x4.mul(f32x4.sub(value, v128.load(mean)), v128.load(factor)), shift);
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
  normed: bool,
  mean: usize,
  factor: usize,
  groupBytes: usize,
  shift: v128,
): void {
  const one = f32x4.splat(1);
  let v = f32x4.splat(0);
  for (let t = 0; t < steps; t++) {
    const pre = f32x4.add(f32x4.mul(v, keep), f32x4.mul(drive(x, full, normed, mean, factor, shift), gain));
    const fired = f32x4.gt(f32x4.sub(pre, threshold), f32x4.splat(0));
    v = v128.andnot(pre, fired);
    give(out, output == 0 ? v128.and(fired, one) : output == 1 ? v : pre, full);
    x += stepBytes;
    out += stepBytes;
    if (normed) {
      mean += groupBytes;
      factor += groupBytes;
    }
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
  const none = f32x4.splat(0);
  const whole = neurons & ~3;
  for (let i = 0; i < whole; i += 4) {
    const o = <usize>i << 2;
    forwardLanes(x + o, out + o, steps, stepBytes, k, g, th, output, true, false, 0, 0, 0, none);
  }
  for (let i = whole; i < neurons; i++) {
    const o = <usize>i << 2;
    forwardLanes(x + o, out + o, steps, stepBytes, k, g, th, output, false, false, 0, 0, 0, none);
  }
}

/** γ·scale/√(variance + ε) of every group and channel. */
export function bnFactors(stats: usize, gamma: usize, factors: usize, groups: i32, channels: i32, epsilon: f64, scale: f64): void {
  const variance = stats + (<usize>(groups * channels) << 2);
  for (let i = 0; i < groups * channels; i++) {
    const o = <usize>i << 2;
    const weight = <f64>load<f32>(gamma + (<usize>(i % channels) << 2)) * scale;
    store<f32>(factors + o, <f32>(weight / sqrt(<f64>load<f32>(variance + o) + epsilon)));
  }
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
  const groupBytes = groups == 1 ? <usize>0 : <usize>channels << 2;
  const k = f32x4.splat(keep);
  const g = f32x4.splat(gain);
  const th = f32x4.splat(threshold);
  let c: usize = 0;
  for (let i = 0; i < neurons; i += 4) {
    const o = <usize>i << 2;
    const shift = v128.load(beta + c);
    forwardLanes(x + o, out + o, steps, stepBytes, k, g, th, output, true, true, stats + c, factors + c, groupBytes, shift);
    c += 16;
    if (c == <usize>channels << 2) c = 0;
  }
}

/** g'(u); kinds in the order of `surrogateKinds` in wasm/neuron.ts. `c` is the kind's constant. */
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
  normed: bool,
  mean: usize,
  factor: usize,
  groupBytes: usize,
  shift: v128,
): void {
  let v = f32x4.splat(0);
  let at = scratch;
  for (let t = 0; t < steps; t++) {
    const pre = f32x4.add(f32x4.mul(v, keep), f32x4.mul(drive(x, full, normed, mean, factor, shift), gain));
    v = v128.andnot(pre, f32x4.gt(f32x4.sub(pre, threshold), f32x4.splat(0)));
    v128.store(at, pre);
    at += 16;
    x += stepBytes;
    if (normed) {
      mean += groupBytes;
      factor += groupBytes;
    }
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
  normed: bool,
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
  const bytes = <usize>neurons << 2;
  const step = groups == 1 ? <usize>0 : <usize>channels << 2;
  const k = f32x4.splat(keep);
  const g = f32x4.splat(gain);
  const th = f32x4.splat(threshold);
  const none = f32x4.splat(0);
  const whole = neurons & ~3;
  let c: usize = 0;
  for (let i = 0; i < whole; i += 4) {
    const o = <usize>i << 2;
    const shift = normed ? v128.load(beta + c) : none;
    backwardLanes(x + o, dy + o, dx + o, scratch, steps, bytes, k, g, th, detach, output, kind, constant, true, normed, stats + c, factors + c, step, shift);
    if (normed) {
      c += 16;
      if (c == <usize>channels << 2) c = 0;
    }
  }
  if (normed) return; // whole channels: nothing is left over
  for (let i = whole; i < neurons; i++) {
    const o = <usize>i << 2;
    backwardLanes(x + o, dy + o, dx + o, scratch, steps, bytes, k, g, th, detach, output, kind, constant, false, false, 0, 0, 0, none);
  }
}

/** A loop of its own for every surrogate. */
// @ts-ignore: decorator
@inline
function backwardBy(
  kind: i32,
  normed: bool,
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
  switch (kind) {
    case 0:
      return backwardOf(0, normed, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, detach, output, constant);
    case 1:
      return backwardOf(1, normed, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, detach, output, constant);
    case 2:
      return backwardOf(2, normed, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, detach, output, constant);
    case 3:
      return backwardOf(3, normed, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, detach, output, constant);
    case 4:
      return backwardOf(4, normed, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, detach, output, constant);
    default:
      return backwardOf(5, normed, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, detach, output, constant);
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
  backwardBy(kind, false, x, dy, dx, 0, 0, 0, scratch, 1, steps, neurons, 0, keep, gain, threshold, detach != 0, output, constant);
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
  backwardBy(kind, true, x, dy, dx, stats, factors, beta, scratch, groups, steps, neurons, channels, keep, gain, threshold, d, output, constant);
}
