import type { RateStrip } from "#shared/api/stream-api.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import { niceAtLeast } from "./ruler.ts";

/** Rates per column, events per second; the largest inside each column, so that bursts never vanish. */
export type RateColumns = { readonly on: Float64Array; readonly off: Float64Array; readonly peak: number };

/** A strip over a span in that many columns. */
export function rateColumns(strip: RateStrip, shown: TimeRange, columns: number): RateColumns {
  const on = new Float64Array(columns);
  const off = new Float64Array(columns);
  const perSecond = 1e6 / strip.stepUs;
  const span = shown.end - shown.start;
  let peak = 0;
  for (let column = 0; column < columns; column++) {
    const from = shown.start + (span * column) / columns;
    const to = shown.start + (span * (column + 1)) / columns;
    const first = Math.max(0, Math.floor((from - strip.start) / strip.stepUs));
    const last = Math.min(strip.on.length - 1, Math.max(first, Math.ceil((to - strip.start) / strip.stepUs) - 1));
    let [mostOn, mostOff] = [0, 0];
    for (let i = first; i <= last; i++) {
      mostOn = Math.max(mostOn, strip.on[i] ?? 0);
      mostOff = Math.max(mostOff, strip.off[i] ?? 0);
    }
    on[column] = mostOn * perSecond;
    off[column] = mostOff * perSecond;
    peak = Math.max(peak, on[column] ?? 0, off[column] ?? 0);
  }
  return { on, off, peak };
}

/** Top of the scale: steps of 1, 2, 5 only, so that it does not wander. */
export const scaleTop = (peak: number): number => (peak <= 0 ? 1 : niceAtLeast(peak));

/** `3.1 M`, `840`, `20 k`: what stands under the lane's name. */
export function shortRate(hz: number): string {
  if (hz >= 1e6) return `${Number((hz / 1e6).toPrecision(2))} M`;
  return hz >= 1e3 ? `${Number((hz / 1e3).toPrecision(2))} k` : String(Math.round(hz));
}

/** Baseline of a strip: ON above, OFF below. */
export const BASELINE = 0.55;

/** Paints columns, one per device pixel. */
export function paintRate(
  context: CanvasRenderingContext2D,
  columns: RateColumns,
  top: number,
  colors: { readonly on: string; readonly off: string },
): void {
  const { width, height } = context.canvas;
  const base = Math.round(height * BASELINE);
  context.clearRect(0, 0, width, height);
  // The room above and below is shared in the ratio of the baseline, so both polarities have one scale.
  const unit = Math.min(base, (height - base) / 1) / top;
  context.fillStyle = colors.on;
  for (let x = 0; x < columns.on.length; x++) {
    const tall = Math.min(base, Math.max(1, (columns.on[x] ?? 0) * unit));
    context.fillRect(x, base - tall, 1, tall);
  }
  context.fillStyle = colors.off;
  for (let x = 0; x < columns.off.length; x++) {
    context.fillRect(x, base, 1, Math.min(height - base, Math.max(1, (columns.off[x] ?? 0) * unit)));
  }
}
