/** Mean of 2×2 blocks of `[images, h, w, channels]`; an odd last row or column is dropped. */
export function avgPool2(x: usize, out: usize, images: i32, h: i32, w: i32, channels: i32): void {
  const oh = h >> 1;
  const ow = w >> 1;
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>w * pixelBytes;
  const whole = channels & ~3;
  const quarter = f32x4.splat(0.25);
  for (let n = 0; n < images; n++) {
    for (let y = 0; y < oh; y++) {
      let top = x + <usize>(n * h + 2 * y) * rowBytes;
      for (let column = 0; column < ow; column++) {
        const right = top + pixelBytes;
        for (let c = 0; c < whole; c += 4) {
          const o = <usize>c << 2;
          const upper = f32x4.add(v128.load(top + o), v128.load(right + o));
          const lower = f32x4.add(v128.load(top + rowBytes + o), v128.load(right + rowBytes + o));
          v128.store(out + o, f32x4.mul(f32x4.add(upper, lower), quarter));
        }
        for (let c = whole; c < channels; c++) {
          const o = <usize>c << 2;
          const upper = load<f32>(top + o) + load<f32>(right + o);
          const lower = load<f32>(top + rowBytes + o) + load<f32>(right + rowBytes + o);
          store<f32>(out + o, (upper + lower) * 0.25);
        }
        top += pixelBytes * 2;
        out += pixelBytes;
      }
    }
  }
}

/** Gradient of `avgPool2`: a quarter of dy everywhere, zero in a dropped row or column. */
export function avgPool2Gradient(dy: usize, dx: usize, images: i32, h: i32, w: i32, channels: i32): void {
  const oh = h >> 1;
  const ow = w >> 1;
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>w * pixelBytes;
  const whole = channels & ~3;
  const quarter = f32x4.splat(0.25);
  if ((h | w) & 1) memory.fill(dx, 0, <usize>(images * h) * rowBytes);
  for (let n = 0; n < images; n++) {
    for (let y = 0; y < oh; y++) {
      let top = dx + <usize>(n * h + 2 * y) * rowBytes;
      for (let column = 0; column < ow; column++) {
        const right = top + pixelBytes;
        for (let c = 0; c < whole; c += 4) {
          const o = <usize>c << 2;
          const share = f32x4.mul(v128.load(dy + o), quarter);
          v128.store(top + o, share);
          v128.store(right + o, share);
          v128.store(top + rowBytes + o, share);
          v128.store(right + rowBytes + o, share);
        }
        for (let c = whole; c < channels; c++) {
          const o = <usize>c << 2;
          const share = load<f32>(dy + o) * 0.25;
          store<f32>(top + o, share);
          store<f32>(right + o, share);
          store<f32>(top + rowBytes + o, share);
          store<f32>(right + rowBytes + o, share);
        }
        top += pixelBytes * 2;
        dy += pixelBytes;
      }
    }
  }
}
