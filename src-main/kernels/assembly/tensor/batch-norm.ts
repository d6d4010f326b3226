import { madd } from "./vector";

/*
 * Batch norm over the last axis of `[groups, rows, channels]`, statistics per group. Sums run in f32 over blocks of
 * 512 rows and in f64 above that, else tens of thousands of rows lose digits.
 */
const block = 512;

/**
 * Adds Σ (x − shift) and Σ (x − shift)² of `rows` rows to f64 sums at `sums` (first all Σ, then all Σ²), for 16, 4 or
 * 1 channels from `channel`.
 */
function momentsOf16(x: usize, shift: usize, sums: usize, squares: usize, rows: i32, rowBytes: usize): void {
  const k0 = v128.load(shift), k1 = v128.load(shift, 16), k2 = v128.load(shift, 32), k3 = v128.load(shift, 48);
  for (let from = 0; from < rows; from += block) {
    const count = min(block, rows - from);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    let q0 = f32x4.splat(0), q1 = f32x4.splat(0), q2 = f32x4.splat(0), q3 = f32x4.splat(0);
    for (let i = 0; i < count; i++) {
      let d = f32x4.sub(v128.load(x), k0);
      s0 = f32x4.add(s0, d);
      q0 = madd(d, d, q0);
      d = f32x4.sub(v128.load(x, 16), k1);
      s1 = f32x4.add(s1, d);
      q1 = madd(d, d, q1);
      d = f32x4.sub(v128.load(x, 32), k2);
      s2 = f32x4.add(s2, d);
      q2 = madd(d, d, q2);
      d = f32x4.sub(v128.load(x, 48), k3);
      s3 = f32x4.add(s3, d);
      q3 = madd(d, d, q3);
      x += rowBytes;
    }
    widen(sums, s0);
    widen(sums + 32, s1);
    widen(sums + 64, s2);
    widen(sums + 96, s3);
    widen(squares, q0);
    widen(squares + 32, q1);
    widen(squares + 64, q2);
    widen(squares + 96, q3);
  }
}

function momentsOf4(x: usize, shift: usize, sums: usize, squares: usize, rows: i32, rowBytes: usize): void {
  const k = v128.load(shift);
  for (let from = 0; from < rows; from += block) {
    const count = min(block, rows - from);
    let s = f32x4.splat(0), q = f32x4.splat(0);
    for (let i = 0; i < count; i++) {
      const d = f32x4.sub(v128.load(x), k);
      s = f32x4.add(s, d);
      q = madd(d, d, q);
      x += rowBytes;
    }
    widen(sums, s);
    widen(squares, q);
  }
}

function momentsOf1(x: usize, shift: usize, sums: usize, squares: usize, rows: i32, rowBytes: usize): void {
  const k = <f64>load<f32>(shift);
  let s: f64 = 0, q: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const d = <f64>load<f32>(x) - k;
    s += d;
    q += d * d;
    x += rowBytes;
  }
  store<f64>(sums, load<f64>(sums) + s);
  store<f64>(squares, load<f64>(squares) + q);
}

/** Adds four f32 to four f64 in memory. */
// @ts-ignore: decorator
@inline
function widen(to: usize, value: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(value)));
  const high = i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/**
 * Means and biased variances of every group into `stats` `[2, groups, channels]`. `scratch` holds 16 bytes per
 * channel. The values are shifted by each group's first row, which keeps the difference of squares harmless.
 */
export function bnStats(x: usize, stats: usize, scratch: usize, groups: i32, rows: i32, channels: i32): void {
  const rowBytes = <usize>channels << 2;
  const groupBytes = rowBytes * <usize>rows;
  const squares = scratch + (<usize>channels << 3);
  const varianceAt = <usize>(groups * channels) << 2;
  for (let g = 0; g < groups; g++) {
    memory.fill(scratch, 0, <usize>channels << 4);
    let c = 0;
    for (; c + 16 <= channels; c += 16) {
      const o = <usize>c << 2;
      momentsOf16(x + o, x + o, scratch + (<usize>c << 3), squares + (<usize>c << 3), rows, rowBytes);
    }
    for (; c + 4 <= channels; c += 4) {
      const o = <usize>c << 2;
      momentsOf4(x + o, x + o, scratch + (<usize>c << 3), squares + (<usize>c << 3), rows, rowBytes);
    }
    for (; c < channels; c++) {
      const o = <usize>c << 2;
      momentsOf1(x + o, x + o, scratch + (<usize>c << 3), squares + (<usize>c << 3), rows, rowBytes);
    }
    const n = <f64>rows;
    for (c = 0; c < channels; c++) {
      const shifted = load<f64>(scratch + (<usize>c << 3)) / n;
      const spread = load<f64>(squares + (<usize>c << 3)) / n - shifted * shifted;
      const at = stats + (<usize>(g * channels + c) << 2);
      store<f32>(at, <f32>(<f64>load<f32>(x + (<usize>c << 2)) + shifted));
      store<f32>(at + varianceAt, <f32>(spread > 0 ? spread : 0));
    }
    x += groupBytes;
  }
}

/** y = (x − mean)·γ·scale/√(variance + ε) + β. `scratch` holds 4 bytes per channel. */
export function bnNormalize(
  x: usize,
  y: usize,
  stats: usize,
  gamma: usize,
  beta: usize,
  scratch: usize,
  groups: i32,
  rows: i32,
  channels: i32,
  epsilon: f64,
  scale: f64,
): void {
  const varianceAt = <usize>(groups * channels) << 2;
  const whole = channels & ~3;
  for (let g = 0; g < groups; g++) {
    const mean = stats + (<usize>(g * channels) << 2);
    for (let c = 0; c < channels; c++) {
      const o = <usize>c << 2;
      const factor = (<f64>load<f32>(gamma + o) * scale) / sqrt(<f64>load<f32>(mean + varianceAt + o) + epsilon);
      store<f32>(scratch + o, <f32>factor);
    }
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < whole; c += 4) {
        const o = <usize>c << 2;
        const centered = f32x4.sub(v128.load(x + o), v128.load(mean + o));
        v128.store(y + o, f32x4.add(f32x4.mul(centered, v128.load(scratch + o)), v128.load(beta + o)));
      }
      for (let c = whole; c < channels; c++) {
        const o = <usize>c << 2;
        store<f32>(y + o, (load<f32>(x + o) - load<f32>(mean + o)) * load<f32>(scratch + o) + load<f32>(beta + o));
      }
      x += <usize>channels << 2;
      y += <usize>channels << 2;
    }
  }
}

function gradientSumsOf16(x: usize, dy: usize, mean: usize, sums: usize, products: usize, rows: i32, rowBytes: usize): void {
  for (let from = 0; from < rows; from += block) {
    const count = min(block, rows - from);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    let q0 = f32x4.splat(0), q1 = f32x4.splat(0), q2 = f32x4.splat(0), q3 = f32x4.splat(0);
    const m0 = v128.load(mean), m1 = v128.load(mean, 16), m2 = v128.load(mean, 32), m3 = v128.load(mean, 48);
    for (let i = 0; i < count; i++) {
      let g = v128.load(dy);
      s0 = f32x4.add(s0, g);
      q0 = madd(g, f32x4.sub(v128.load(x), m0), q0);
      g = v128.load(dy, 16);
      s1 = f32x4.add(s1, g);
      q1 = madd(g, f32x4.sub(v128.load(x, 16), m1), q1);
      g = v128.load(dy, 32);
      s2 = f32x4.add(s2, g);
      q2 = madd(g, f32x4.sub(v128.load(x, 32), m2), q2);
      g = v128.load(dy, 48);
      s3 = f32x4.add(s3, g);
      q3 = madd(g, f32x4.sub(v128.load(x, 48), m3), q3);
      x += rowBytes;
      dy += rowBytes;
    }
    widen(sums, s0);
    widen(sums + 32, s1);
    widen(sums + 64, s2);
    widen(sums + 96, s3);
    widen(products, q0);
    widen(products + 32, q1);
    widen(products + 64, q2);
    widen(products + 96, q3);
  }
}

function gradientSumsOf4(x: usize, dy: usize, mean: usize, sums: usize, products: usize, rows: i32, rowBytes: usize): void {
  const m = v128.load(mean);
  for (let from = 0; from < rows; from += block) {
    const count = min(block, rows - from);
    let s = f32x4.splat(0), q = f32x4.splat(0);
    for (let i = 0; i < count; i++) {
      const g = v128.load(dy);
      s = f32x4.add(s, g);
      q = madd(g, f32x4.sub(v128.load(x), m), q);
      x += rowBytes;
      dy += rowBytes;
    }
    widen(sums, s);
    widen(products, q);
  }
}

function gradientSumsOf1(x: usize, dy: usize, mean: usize, sums: usize, products: usize, rows: i32, rowBytes: usize): void {
  const m = <f64>load<f32>(mean);
  let s: f64 = 0, q: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const g = <f64>load<f32>(dy);
    s += g;
    q += g * (<f64>load<f32>(x) - m);
    x += rowBytes;
    dy += rowBytes;
  }
  store<f64>(sums, load<f64>(sums) + s);
  store<f64>(products, load<f64>(products) + q);
}

/**
 * dx = k·(dy − mean(dy) − x̂·mean(dy·x̂)), dγ = scale·Σ dy·x̂, dβ = Σ dy, x̂ = (x − mean)/√(variance + ε), k = γ·scale/√…
 * `scratch` holds 48 bytes per channel: two f64 sums, two f64 totals over groups, three f32 coefficients.
 */
export function bnGradient(
  x: usize,
  dy: usize,
  gamma: usize,
  stats: usize,
  dx: usize,
  dgamma: usize,
  dbeta: usize,
  scratch: usize,
  groups: i32,
  rows: i32,
  channels: i32,
  epsilon: f64,
  scale: f64,
): void {
  const rowBytes = <usize>channels << 2;
  const wide = <usize>channels << 3;
  const varianceAt = <usize>(groups * channels) << 2;
  const products = scratch + wide;
  const totalGamma = products + wide;
  const totalBeta = totalGamma + wide;
  const forDy = totalBeta + wide;
  const forX = forDy + rowBytes;
  const constant = forX + rowBytes;
  const whole = channels & ~3;
  memory.fill(totalGamma, 0, wide * 2);
  for (let g = 0; g < groups; g++) {
    const mean = stats + (<usize>(g * channels) << 2);
    memory.fill(scratch, 0, wide * 2);
    let c = 0;
    for (; c + 16 <= channels; c += 16) {
      const o = <usize>c << 2;
      gradientSumsOf16(x + o, dy + o, mean + o, scratch + o * 2, products + o * 2, rows, rowBytes);
    }
    for (; c + 4 <= channels; c += 4) {
      const o = <usize>c << 2;
      gradientSumsOf4(x + o, dy + o, mean + o, scratch + o * 2, products + o * 2, rows, rowBytes);
    }
    for (; c < channels; c++) {
      const o = <usize>c << 2;
      gradientSumsOf1(x + o, dy + o, mean + o, scratch + o * 2, products + o * 2, rows, rowBytes);
    }
    const n = <f64>rows;
    for (c = 0; c < channels; c++) {
      const o = <usize>c << 2;
      const inverse = 1.0 / sqrt(<f64>load<f32>(mean + varianceAt + o) + epsilon);
      const sum = load<f64>(scratch + o * 2);
      const weighted = load<f64>(products + o * 2) * inverse;
      const k = <f64>load<f32>(gamma + o) * scale * inverse;
      store<f64>(totalGamma + o * 2, load<f64>(totalGamma + o * 2) + weighted);
      store<f64>(totalBeta + o * 2, load<f64>(totalBeta + o * 2) + sum);
      store<f32>(forDy + o, <f32>k);
      store<f32>(forX + o, <f32>((-k * inverse * weighted) / n));
      store<f32>(constant + o, <f32>((-k * sum) / n));
    }
    for (let i = 0; i < rows; i++) {
      for (c = 0; c < whole; c += 4) {
        const o = <usize>c << 2;
        const centered = f32x4.sub(v128.load(x + o), v128.load(mean + o));
        const rest = madd(centered, v128.load(forX + o), v128.load(constant + o));
        v128.store(dx + o, madd(v128.load(dy + o), v128.load(forDy + o), rest));
      }
      for (c = whole; c < channels; c++) {
        const o = <usize>c << 2;
        const rest = (load<f32>(x + o) - load<f32>(mean + o)) * load<f32>(forX + o) + load<f32>(constant + o);
        store<f32>(dx + o, load<f32>(dy + o) * load<f32>(forDy + o) + rest);
      }
      x += rowBytes;
      dy += rowBytes;
      dx += rowBytes;
    }
  }
  for (let c = 0; c < channels; c++) {
    const o = <usize>c << 2;
    store<f32>(dgamma + o, <f32>(load<f64>(totalGamma + o * 2) * scale));
    store<f32>(dbeta + o, <f32>load<f64>(totalBeta + o * 2));
  }
}

/** r ← (1 − momentum)·r + momentum·batch, group after group; the variance as the unbiased one of `rows` rows. */
export function bnRunning(mean: usize, variance: usize, stats: usize, groups: i32, rows: i32, channels: i32, momentum: f64): void {
  const unbiased = <f64>rows / <f64>max(1, rows - 1);
  const varianceAt = <usize>(groups * channels) << 2;
  for (let c = 0; c < channels; c++) {
    const o = <usize>c << 2;
    let m = <f64>load<f32>(mean + o);
    let v = <f64>load<f32>(variance + o);
    for (let g = 0; g < groups; g++) {
      const at = stats + (<usize>(g * channels + c) << 2);
      m += momentum * (<f64>load<f32>(at) - m);
      v += momentum * (<f64>load<f32>(at + varianceAt) * unbiased - v);
    }
    store<f32>(mean + o, <f32>m);
    store<f32>(variance + o, <f32>v);
  }
}
