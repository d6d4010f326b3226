import { formatCount } from "#shared/events/time.ts";

/** A count in a mono face, where a thin space would be too thin to part anything. */
export const monoCount = (value: number): string => formatCount(value).replaceAll("\u2009", "\u00a0");

/** Decimal sizes with two or three digits: `3.1 GB`, `412 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"] as const;
  let value = bytes;
  let at = 0;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 || value >= 99.5 ? Math.round(value) : value.toPrecision(2)} ${units[at]}`;
}

/** Time left: `2:41`, `1:02:05`. */
export function formatLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return hours > 0
    ? `${hours}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`
    : `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
}

/** A rough duration for estimates: `≈ 6 min`, `≈ 40 s`. */
export function formatEstimate(seconds: number): string {
  if (seconds < 90) return `≈ ${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `≈ ${Math.round(seconds / 60)} min`;
  return `≈ ${(seconds / 3600).toPrecision(2)} h`;
}

/** A fraction of 1 with one decimal: `94.2 %`; missing is an en dash. */
export const formatPercent = (fraction: number | undefined, digits = 1): string =>
  fraction === undefined || !Number.isFinite(fraction) ? "–" : `${(fraction * 100).toFixed(digits).replace("-", "−")} %`;

/** A difference of two fractions in points, with its sign: `+7.5`. */
export const formatPoints = (difference: number): string =>
  `${difference < 0 ? "−" : "+"}${Math.abs(difference * 100).toFixed(1)}`;

/** Counts in text: thin spaces from 10 000 on. */
export const formatInText = (value: number): string =>
  Math.abs(value) < 10_000 ? String(Math.round(value)) : formatCount(value);

/** A clip's length: always two decimals below 100 s, so columns line up. */
export const formatClipSpan = (us: number): string =>
  us >= 1e8 ? `${Math.round(us / 1e6)} s` : `${(us / 1e6).toFixed(us >= 1e7 ? 1 : 2)} s`;

/** `18 Nov 2026, 14:12`, local time. */
export function formatDate(at: number): string {
  const date = new Date(at);
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.getMonth()] ?? "";
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${date.getDate()} ${month} ${date.getFullYear()}, ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}
