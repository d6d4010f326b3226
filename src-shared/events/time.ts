/**
 * Reads a duration or instant as people write it: plain integers are microseconds; `1.5s`, `20ms`, `340us`
 * and `340µs` are accepted. `undefined` when the text is not a time.
 */
export function parseTimeUs(text: string): number | undefined {
  const match = /^\s*([+-]?\d+(?:\.\d+)?)\s*(s|ms|us|µs)?\s*$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const factor = match[2] === "s" ? 1e6 : match[2] === "ms" ? 1e3 : 1;
  const value = Number(match[1]) * factor;
  return Number.isSafeInteger(Math.round(value)) ? Math.round(value) : undefined;
}

/** `0:00:23.906206`: hours, minutes, seconds with six digits. */
export function formatClock(us: number): string {
  const sign = us < 0 ? "−" : "";
  const total = Math.abs(Math.round(us));
  const seconds = Math.floor(total / 1e6);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");
  return `${sign}${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}.${pad(total % 1e6, 6)}`;
}

/** Times after this are taken for Unix time, which some formats use: March 1973, or three years of a camera's clock. */
const UNIX_FROM_US = 1e14;

/** An instant on a stream's clock: as date and time (UTC) where the clock is Unix time, else as a clock. */
export function formatInstant(us: number): string {
  if (us < UNIX_FROM_US) return formatClock(us);
  const date = new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${date}.${String(us % 1e6).padStart(6, "0")}`;
}

/** A span with three meaningful digits: `2.10 s`, `20.0 ms`, `340 µs`. */
export function formatSpan(us: number): string {
  const size = Math.abs(us);
  if (size >= 1e6) return `${(us / 1e6).toPrecision(3)} s`;
  if (size >= 1e3) return `${(us / 1e3).toPrecision(3)} ms`;
  return `${Math.round(us)} µs`;
}

/** A rate with three meaningful digits: `840 ev/s`, `12.4 kev/s`, `0.43 Mev/s`. */
export function formatRate(hz: number): string {
  if (hz >= 1e9) return `${(hz / 1e9).toPrecision(3)} Gev/s`;
  if (hz >= 1e5) return `${(hz / 1e6).toPrecision(hz >= 1e6 ? 3 : 2)} Mev/s`;
  if (hz >= 1e3) return `${(hz / 1e3).toPrecision(3)} kev/s`;
  return `${Math.round(hz)} ev/s`;
}

/** Thousands parted by thin spaces: `26 341 908`. */
export function formatCount(value: number): string {
  return String(Math.round(value))
    .replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009")
    .replace("-", "−");
}
