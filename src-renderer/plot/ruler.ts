import type { TimeRange } from "#shared/events/sensor.ts";

/** The smallest of 1, 2, 5 × 10ⁿ that is at least `value`. */
export function niceAtLeast(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * decade >= value * (1 - 1e-9)) return step * decade;
  return 10 * decade;
}

export type Tick = { readonly t: number; readonly label?: string };

/** Short ticks, and long ones with labels, over a span that is `width` px wide. */
export function ticks({ start, end }: TimeRange, width: number, origin = 0): Tick[] {
  const span = end - start;
  if (span <= 0 || width <= 0) return [];
  const labelled = Math.max(1, niceAtLeast((span / width) * 90));
  const short = Math.max(1, labelled / (labelled / 10 ** Math.floor(Math.log10(labelled) + 1e-9) === 2 ? 4 : 5));
  const result: Tick[] = [];
  const first = Math.ceil((start - origin) / short - 1e-9);
  for (let i = first; origin + i * short <= end; i++) {
    const t = Math.round(origin + i * short);
    const long = Math.abs(i * short - Math.round((i * short) / labelled) * labelled) < short / 2;
    result.push(long ? { t, label: tickLabel(t - origin, labelled) } : { t });
  }
  return result;
}

/** `0:16`, `0:16.5`, `0:00.0204`: as many digits as the distance of the ticks needs. */
export function tickLabel(us: number, stepUs: number): string {
  const digits = stepUs >= 1e6 ? 0 : Math.min(6, Math.ceil(-Math.log10(stepUs / 1e6) - 1e-9));
  const sign = us < 0 ? "−" : "";
  const units = Math.round(Math.abs(us) / 10 ** (6 - digits));
  const scale = 10 ** digits;
  const seconds = Math.floor(units / scale);
  const fraction = digits === 0 ? "" : `.${String(units % scale).padStart(digits, "0")}`;
  const pad = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${sign}${hours > 0 ? `${hours}:${pad(minutes)}` : minutes}:${pad(seconds % 60)}${fraction}`;
}

/** Position of a time, 0 to 1 inside the span. */
export const partOf = (t: number, { start, end }: TimeRange): number => (end > start ? (t - start) / (end - start) : 0);
/** Time at a position. */
export const timeAt = (part: number, { start, end }: TimeRange): number => Math.round(start + part * (end - start));

/** Shortest span the ruler shows, µs. */
const SHORTEST_US = 1_000;

/** A span zoomed about a point that stays where it is, held inside `whole`. */
export function zoomRange(shown: TimeRange, whole: TimeRange, at: number, factor: number): TimeRange {
  const span = Math.min(whole.end - whole.start, Math.max(SHORTEST_US, (shown.end - shown.start) * factor));
  const start = at - partOf(at, shown) * span;
  return holdRange({ start, end: start + span }, whole);
}

/** A span moved so that it lies inside `whole`. */
export function holdRange({ start, end }: TimeRange, whole: TimeRange): TimeRange {
  const span = Math.min(end - start, whole.end - whole.start);
  const held = Math.min(whole.end - span, Math.max(whole.start, start));
  return { start: Math.round(held), end: Math.round(held + span) };
}

/** A span that follows the playhead: turned over by a page when it leaves, and backwards where time runs back. */
export function followRange(shown: TimeRange, whole: TimeRange, t: number, reverse = false): TimeRange {
  if (t >= shown.start && t <= shown.end) return shown;
  const span = shown.end - shown.start;
  const behind = reverse ? 0.9 : 0.1;
  return holdRange({ start: t - span * behind, end: t + span * (1 - behind) }, whole);
}
