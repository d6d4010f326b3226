/** How a slider's position relates to its value. */
export type Scale = { readonly min: number; readonly max: number; readonly log?: boolean };

/** Position 0 to 1 of a value. */
export function positionOf(value: number, { min, max, log = false }: Scale): number {
  const held = Math.min(max, Math.max(min, value));
  return log ? Math.log(held / min) / Math.log(max / min) : (held - min) / (max - min);
}

/** The value at a position 0 to 1, on three meaningful digits where the scale is logarithmic. */
export function valueAt(position: number, { min, max, log = false }: Scale): number {
  const held = Math.min(1, Math.max(0, position));
  return log ? Number((min * (max / min) ** held).toPrecision(3)) : min + held * (max - min);
}

/** Rounds to a multiple of a step, counted from `origin`, without the dust of binary fractions. */
export function snap(value: number, step: number, origin = 0): number {
  return Number((origin + Math.round((value - origin) / step) * step).toPrecision(12));
}
