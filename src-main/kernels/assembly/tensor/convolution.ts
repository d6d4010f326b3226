import { madd } from "./vector";
import { product } from "./product";

/**
 * Copies one image `[h, w, c]` into a zeroed `[ph, pw, c]` scratch, pixel (y, x) to (top + y·spread, left + x·spread);
 * what falls outside is left out. `spread` > 1 puts zeros between pixels, for input gradients of strided convolutions.
 */
export function placeImage(
  source: usize,
  target: usize,
  h: i32,
  w: i32,
  c: i32,
  ph: i32,
  pw: i32,
  top: i32,
  left: i32,
  spreadY: i32,
  spreadX: i32,
): void {
  const pixelBytes = <usize>c << 2;
  memory.fill(target, 0, <usize>(ph * pw) * pixelBytes);
  for (let y = 0; y < h; y++) {
    const row = top + y * spreadY;
    if (row < 0 || row >= ph) continue;
    const from = source + <usize>(y * w) * pixelBytes;
    if (spreadX == 1) {
      const first = max(0, -left);
      const count = min(w, pw - left) - first;
      if (count <= 0) continue;
      memory.copy(
        target + <usize>(row * pw + left + first) * pixelBytes,
        from + <usize>first * pixelBytes,
        <usize>count * pixelBytes,
      );
      continue;
    }
    for (let x = 0; x < w; x++) {
      const column = left + x * spreadX;
      if (column < 0 || column >= pw) continue;
      memory.copy(target + <usize>(row * pw + column) * pixelBytes, from + <usize>x * pixelBytes, pixelBytes);
    }
  }
}

/**
 * Convolution of `images` images. `scratch` holds one placed image `[ph, pw, ci]`; `packed` the weights. With spread
 * and turned weights this is the input gradient as well.
 */
export function convolve(
  x: usize,
  packed: usize,
  out: usize,
  scratch: usize,
  images: i32,
  h: i32,
  w: i32,
  ci: i32,
  ph: i32,
  pw: i32,
  top: i32,
  left: i32,
  spreadY: i32,
  spreadX: i32,
  kh: i32,
  kw: i32,
  strideY: i32,
  strideX: i32,
  oh: i32,
  ow: i32,
  co: i32,
): void {
  const imageBytes = <usize>(h * w * ci) << 2;
  const outBytes = <usize>(oh * ow * co) << 2;
  for (let n = 0; n < images; n++) {
    placeImage(x, scratch, h, w, ci, ph, pw, top, left, spreadY, spreadX);
    product(scratch, packed, out, oh, ow, co, kh, kw * ci, pw * ci, strideX * ci, strideY * pw * ci);
    x += imageBytes;
    out += outBytes;
  }
}

/** Packs dy of one image, `[pixels, co]`, into `[⌈co/8⌉][pixels][8]`. */
function packPixels(source: usize, target: usize, pixels: i32, co: i32): void {
  const pixelBytes = <usize>co << 2;
  let to = target;
  for (let block = 0; block < co; block += 8) {
    const width = min(8, co - block);
    let from = source + (<usize>block << 2);
    if (width == 8) {
      for (let p = 0; p < pixels; p++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += pixelBytes;
        to += 32;
      }
    } else {
      for (let p = 0; p < pixels; p++) {
        for (let o = 0; o < 8; o++) store<f32>(to + (<usize>o << 2), o < width ? load<f32>(from + (<usize>o << 2)) : 0);
        from += pixelBytes;
        to += 32;
      }
    }
  }
}

/** Adds 8 sums to memory. */
// @ts-ignore: decorator
@inline
function accumulate(to: usize, low: v128, high: v128): void {
  v128.store(to, f32x4.add(v128.load(to), low));
  v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
}

/**
 * Adds one image's share to the packed filter gradient `[⌈co/8⌉][kh·run][8]`: blocks of 6 filter rows × 8 channels
 * over all pixels. The last block of a run reads up to 5 floats beyond it (scratch has that slack) and drops them.
 */
function filterGradientOfImage(
  image: usize,
  dy: usize,
  sums: usize,
  kh: i32,
  run: i32,
  rowStride: i32,
  stepX: i32,
  stepY: i32,
  oh: i32,
  ow: i32,
  co: i32,
): void {
  const stepXBytes = <usize>stepX << 2;
  const stepYBytes = <usize>stepY << 2;
  const dyBlockBytes = <usize>(oh * ow) << 5;
  let dyBlock = dy;
  let to = sums;
  for (let block = 0; block < co; block += 8) {
    for (let row = 0; row < kh; row++) {
      const rowStart = image + (<usize>(row * rowStride) << 2);
      for (let r = 0; r < run; r += 6) {
        const start = rowStart + (<usize>r << 2);
        let s0 = f32x4.splat(0), t0 = f32x4.splat(0);
        let s1 = f32x4.splat(0), t1 = f32x4.splat(0);
        let s2 = f32x4.splat(0), t2 = f32x4.splat(0);
        let s3 = f32x4.splat(0), t3 = f32x4.splat(0);
        let s4 = f32x4.splat(0), t4 = f32x4.splat(0);
        let s5 = f32x4.splat(0), t5 = f32x4.splat(0);
        let g = dyBlock;
        let line = start;
        for (let y = 0; y < oh; y++) {
          const end = g + (<usize>ow << 5);
          let a = line;
          while (g < end) {
            const low = v128.load(g);
            const high = v128.load(g, 16);
            let x = v128.load32_splat(a);
            s0 = madd(x, low, s0);
            t0 = madd(x, high, t0);
            x = v128.load32_splat(a, 4);
            s1 = madd(x, low, s1);
            t1 = madd(x, high, t1);
            x = v128.load32_splat(a, 8);
            s2 = madd(x, low, s2);
            t2 = madd(x, high, t2);
            x = v128.load32_splat(a, 12);
            s3 = madd(x, low, s3);
            t3 = madd(x, high, t3);
            x = v128.load32_splat(a, 16);
            s4 = madd(x, low, s4);
            t4 = madd(x, high, t4);
            x = v128.load32_splat(a, 20);
            s5 = madd(x, low, s5);
            t5 = madd(x, high, t5);
            g += 32;
            a += stepXBytes;
          }
          line += stepYBytes;
        }
        const rows = run - r;
        accumulate(to, s0, t0);
        if (rows > 1) accumulate(to + 32, s1, t1);
        if (rows > 2) accumulate(to + 64, s2, t2);
        if (rows > 3) accumulate(to + 96, s3, t3);
        if (rows > 4) accumulate(to + 128, s4, t4);
        if (rows > 5) accumulate(to + 160, s5, t5);
        to += <usize>min(rows, 6) << 5;
      }
    }
    dyBlock += dyBlockBytes;
  }
}

/**
 * Filter gradient over `images` images, written as `[kh, kw, ci, co]`. `sums` holds the packed gradient, `packedDy`
 * one image of dy, `scratch` one placed image and 6 floats.
 */
export function filterGradient(
  x: usize,
  dy: usize,
  out: usize,
  scratch: usize,
  packedDy: usize,
  sums: usize,
  images: i32,
  h: i32,
  w: i32,
  ci: i32,
  ph: i32,
  pw: i32,
  top: i32,
  left: i32,
  kh: i32,
  kw: i32,
  strideY: i32,
  strideX: i32,
  oh: i32,
  ow: i32,
  co: i32,
): void {
  const taps = kh * kw * ci;
  const imageBytes = <usize>(h * w * ci) << 2;
  const dyBytes = <usize>(oh * ow * co) << 2;
  const blocks = (co + 7) >> 3;
  memory.fill(sums, 0, <usize>(blocks * taps) << 5);
  for (let n = 0; n < images; n++) {
    placeImage(x, scratch, h, w, ci, ph, pw, top, left, 1, 1);
    packPixels(dy, packedDy, oh * ow, co);
    filterGradientOfImage(scratch, packedDy, sums, kh, kw * ci, pw * ci, strideX * ci, strideY * pw * ci, oh, ow, co);
    x += imageBytes;
    dy += dyBytes;
  }
  let from = sums;
  for (let block = 0; block < co; block += 8) {
    const width = min(8, co - block);
    for (let k = 0; k < taps; k++) {
      const to = out + (<usize>(k * co + block) << 2);
      for (let o = 0; o < width; o++) store<f32>(to + (<usize>o << 2), load<f32>(from + (<usize>o << 2)));
      from += 32;
    }
  }
}
