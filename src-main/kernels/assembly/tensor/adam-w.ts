/**
 * One AdamW update in place: m ← β1·m + (1 − β1)·g, v ← β2·v + (1 − β2)·g²,
 * p ← decay·p − rate·m/(√v·rootCorrection + ε), rate and rootCorrection carrying the bias corrections.
 */
export function adamW(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  beta1: f32,
  beta2: f32,
  restOfBeta1: f32,
  restOfBeta2: f32,
  epsilon: f32,
  rate: f32,
  rootCorrection: f32,
  decay: f32,
): void {
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    const o = <usize>i << 2;
    const gradient = v128.load(g + o);
    const first = f32x4.add(
      f32x4.mul(v128.load(m + o), f32x4.splat(beta1)),
      f32x4.mul(gradient, f32x4.splat(restOfBeta1)),
    );
    const second = f32x4.add(
      f32x4.mul(v128.load(v + o), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(restOfBeta2)),
    );
    v128.store(m + o, first);
    v128.store(v + o, second);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(second), f32x4.splat(rootCorrection)), f32x4.splat(epsilon));
    const change = f32x4.mul(f32x4.div(first, root), f32x4.splat(rate));
    v128.store(p + o, f32x4.sub(f32x4.mul(v128.load(p + o), f32x4.splat(decay)), change));
  }
  for (let i = whole; i < count; i++) {
    const o = <usize>i << 2;
    const gradient = load<f32>(g + o);
    const first = load<f32>(m + o) * beta1 + gradient * restOfBeta1;
    const second = load<f32>(v + o) * beta2 + gradient * gradient * restOfBeta2;
    store<f32>(m + o, first);
    store<f32>(v + o, second);
    const change = (first / (sqrt<f32>(second) * rootCorrection + epsilon)) * rate;
    store<f32>(p + o, load<f32>(p + o) * decay - change);
  }
}
