import { madd } from "./vector";

/*
 * The block that convolutions and matrix products are made of: 6 pixels × 8 output channels, 12 sums, 2 vector loads
 * and 6 splats, which is what 16 vector registers hold. Weights come packed as `[Co/8][taps][8]`.
 */

/**
 * Packs weights `[taps, co]` (element (k, o) at k·tapStride + o·channelStride, in floats) into `[⌈co/8⌉][taps][8]`,
 * zeros in missing channels.
 */
export function packWeights(source: usize, target: usize, taps: i32, co: i32, tapStride: i32, channelStride: i32): void {
  let to = target;
  for (let block = 0; block < co; block += 8) {
    const width = min(8, co - block);
    for (let k = 0; k < taps; k++) {
      const from = source + (<usize>(k * tapStride + block * channelStride) << 2);
      for (let o = 0; o < 8; o++) {
        store<f32>(to + (<usize>o << 2), o < width ? load<f32>(from + (<usize>(o * channelStride) << 2)) : 0);
      }
      to += 32;
    }
  }
}

/**
 * Packs the weights `[kh, kw, ci, co]` of a convolution for its input gradient: turned by 180°, channels swapped, as
 * `[⌈ci/8⌉][kh·kw·co][8]`.
 */
export function packTurned(source: usize, target: usize, kh: i32, kw: i32, ci: i32, co: i32): void {
  let to = target;
  for (let block = 0; block < ci; block += 8) {
    const width = min(8, ci - block);
    for (let tap = kh * kw - 1; tap >= 0; tap--) {
      for (let o = 0; o < co; o++) {
        const from = source + (<usize>((tap * ci + block) * co + o) << 2);
        for (let i = 0; i < 8; i++) {
          store<f32>(to + (<usize>i << 2), i < width ? load<f32>(from + (<usize>(i * co) << 2)) : 0);
        }
        to += 32;
      }
    }
  }
}

/** Writes the first `width` of 8 sums. */
// @ts-ignore: decorator
@inline
function put(to: usize, low: v128, high: v128, width: i32): void {
  if (width >= 8) {
    v128.store(to, low);
    v128.store(to, high, 16);
    return;
  }
  if (width >= 4) v128.store(to, low);
  else {
    store<f32>(to, f32x4.extract_lane(low, 0));
    if (width > 1) store<f32>(to, f32x4.extract_lane(low, 1), 4);
    if (width > 2) store<f32>(to, f32x4.extract_lane(low, 2), 8);
    return;
  }
  if (width > 4) store<f32>(to, f32x4.extract_lane(high, 0), 16);
  if (width > 5) store<f32>(to, f32x4.extract_lane(high, 1), 20);
  if (width > 6) store<f32>(to, f32x4.extract_lane(high, 2), 24);
}

/**
 * out[p, o] = Σ over kh rows of `run` contiguous values: image[start(p) + row·rowStride + j] · packed[o, row·run + j],
 * for all pixels p of an `oh × ow` output and all `co` channels. Strides in floats: `rowStride` between image rows,
 * `stepX`, `stepY` between the starts of neighboring pixels.
 * The last block of fewer than 6 pixels repeats the last pixel, which writes the same values twice.
 */
export function product(
  image: usize,
  packed: usize,
  out: usize,
  oh: i32,
  ow: i32,
  co: i32,
  kh: i32,
  run: i32,
  rowStride: i32,
  stepX: i32,
  stepY: i32,
): void {
  const pixels = oh * ow;
  const last = pixels - 1;
  const rowBytes = <usize>rowStride << 2;
  const panelBytes = <usize>(kh * run) << 5;
  const pixelBytes = <usize>co << 2;
  let panel = packed;
  for (let block = 0; block < co; block += 8) {
    const width = co - block;
    const outBlock = out + (<usize>block << 2);
    for (let p = 0; p < pixels; p += 6) {
      const p1 = min(p + 1, last);
      const p2 = min(p + 2, last);
      const p3 = min(p + 3, last);
      const p4 = min(p + 4, last);
      const p5 = min(p + 5, last);
      let a0 = image + (<usize>((p / ow) * stepY + (p % ow) * stepX) << 2);
      let a1 = image + (<usize>((p1 / ow) * stepY + (p1 % ow) * stepX) << 2);
      let a2 = image + (<usize>((p2 / ow) * stepY + (p2 % ow) * stepX) << 2);
      let a3 = image + (<usize>((p3 / ow) * stepY + (p3 % ow) * stepX) << 2);
      let a4 = image + (<usize>((p4 / ow) * stepY + (p4 % ow) * stepX) << 2);
      let a5 = image + (<usize>((p5 / ow) * stepY + (p5 % ow) * stepX) << 2);
      let s0 = f32x4.splat(0), t0 = f32x4.splat(0);
      let s1 = f32x4.splat(0), t1 = f32x4.splat(0);
      let s2 = f32x4.splat(0), t2 = f32x4.splat(0);
      let s3 = f32x4.splat(0), t3 = f32x4.splat(0);
      let s4 = f32x4.splat(0), t4 = f32x4.splat(0);
      let s5 = f32x4.splat(0), t5 = f32x4.splat(0);
      let w = panel;
      for (let row = 0; row < kh; row++) {
        const end = w + (<usize>run << 5);
        let j: usize = 0;
        while (w < end) {
          const low = v128.load(w);
          const high = v128.load(w, 16);
          let x = v128.load32_splat(a0 + j);
          s0 = madd(x, low, s0);
          t0 = madd(x, high, t0);
          x = v128.load32_splat(a1 + j);
          s1 = madd(x, low, s1);
          t1 = madd(x, high, t1);
          x = v128.load32_splat(a2 + j);
          s2 = madd(x, low, s2);
          t2 = madd(x, high, t2);
          x = v128.load32_splat(a3 + j);
          s3 = madd(x, low, s3);
          t3 = madd(x, high, t3);
          x = v128.load32_splat(a4 + j);
          s4 = madd(x, low, s4);
          t4 = madd(x, high, t4);
          x = v128.load32_splat(a5 + j);
          s5 = madd(x, low, s5);
          t5 = madd(x, high, t5);
          w += 32;
          j += 4;
        }
        a0 += rowBytes;
        a1 += rowBytes;
        a2 += rowBytes;
        a3 += rowBytes;
        a4 += rowBytes;
        a5 += rowBytes;
      }
      put(outBlock + <usize>p * pixelBytes, s0, t0, width);
      put(outBlock + <usize>p1 * pixelBytes, s1, t1, width);
      put(outBlock + <usize>p2 * pixelBytes, s2, t2, width);
      put(outBlock + <usize>p3 * pixelBytes, s3, t3, width);
      put(outBlock + <usize>p4 * pixelBytes, s4, t4, width);
      put(outBlock + <usize>p5 * pixelBytes, s5, t5, width);
    }
    panel += panelBytes;
  }
}

/** Transposes `[rows, columns]`. */
export function transpose(source: usize, target: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    const from = source + (<usize>(i * columns) << 2);
    const to = target + (<usize>i << 2);
    for (let j = 0; j < columns; j++) {
      store<f32>(to + (<usize>(j * rows) << 2), load<f32>(from + (<usize>j << 2)));
    }
  }
}

/** out `[m, n]` = a `[m, k]` · b, b packed by `packWeights`. */
export function matMul(a: usize, packed: usize, out: usize, m: i32, k: i32, n: i32): void {
  product(a, packed, out, 1, m, n, 1, k, k, k, 0);
}
