import type { RawParams } from "#shared/units/params.ts";
import type { UnitRef } from "#shared/units/unit.ts";
import { UsageError } from "./command.ts";

const SCALES: Readonly<Record<string, number>> = { "": 1, us: 1, µs: 1, ms: 1e3, s: 1e6, min: 60e6 };

/** `1500000`, `1.5s`, `20ms` as whole µs. */
export function parseTime(text: string, name: string): number {
  const match = /^([+-]?\d+(?:\.\d+)?)\s*(us|µs|ms|s|min)?$/.exec(text.trim());
  const value = match === null ? NaN : Number(match[1]) * (SCALES[match[2] ?? ""] ?? NaN);
  if (!Number.isSafeInteger(Math.round(value)))
    throw new UsageError(`${name} is "${text}", expected a time such as 1500000 (µs), 20ms or 1.5s`);
  return Math.round(value);
}

/** A range from two optional times. */
export function parseRange(from: string | undefined, to: string | undefined): { from?: number; to?: number } {
  const range = {
    ...(from === undefined ? {} : { from: parseTime(from, "--from") }),
    ...(to === undefined ? {} : { to: parseTime(to, "--to") }),
  };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to)
    throw new UsageError(`--from (${range.from} µs) is not before --to (${range.to} µs)`);
  return range;
}

/** A value as JSON where it is JSON, else as text. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // `auto`, `sliding-kt`: words need no quotes
  }
}

/** What to take for what a file does not say, on every command that reads one. */
export const readOption = {
  param: {
    type: "text",
    default: "",
    label: "What the file does not say: width, height, columns, timeUnit, flipX, … (NAME=VALUE)",
  },
  value: "NAME=VALUE",
  many: true,
} as const;

/** `--read width=640 --read columns=xypt` as answers; nothing when none is given. */
export const parseAnswers = (given: readonly string[]): { readonly answers?: RawParams } =>
  given.length === 0 ? {} : { answers: Object.fromEntries(given.map((text) => parsePair(text, "--read"))) };

/** `refractory:periodUs=500,keep=true` as a reference to a unit. */
export function parseUnit(text: string, name: string): UnitRef {
  const colon = text.indexOf(":");
  const id = colon < 0 ? text : text.slice(0, colon);
  if (id === "") throw new UsageError(`${name} is "${text}", expected ID or ID:name=value,name=value`);
  const pairs =
    colon < 0
      ? []
      : text
          .slice(colon + 1)
          .split(",")
          .filter(Boolean);
  return { id, params: Object.fromEntries(pairs.map((pair) => parsePair(pair, name))) };
}

/** `name=value` */
export function parsePair(text: string, name: string): readonly [string, unknown] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`${name} is "${text}", expected name=value`);
  return [text.slice(0, equals), parseValue(text.slice(equals + 1))];
}

/** Sets `model.params.preset` and the like in a plain object; objects on the way are made. */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at = target;
  for (const key of keys) {
    if (key === "__proto__" || key === "constructor") throw new UsageError(`--set: "${path}" is no path`);
    const next = at[key];
    if (typeof next === "object" && next !== null && !Array.isArray(next)) at = next as Record<string, unknown>;
    else if (typeof next === "string")
      at = at[key] = { id: next }; // "lif" is short for {"id":"lif"}
    else at = at[key] = {};
  }
  if (last === "" || last === "__proto__") throw new UsageError(`--set: "${path}" is no path`);
  at[last] = value;
}

/** `1.50 s`, `20.0 ms`, `17 µs` */
export function formatSpan(us: number): string {
  if (us >= 60e6) return `${Math.floor(us / 60e6)} min ${((us % 60e6) / 1e6).toFixed(0)} s`;
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
  return us >= 1e3 ? `${(us / 1e3).toFixed(1)} ms` : `${us} µs`;
}

/** `1.2 MB` */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

/** `1,234,567` */
export const formatCount = (count: number): string => count.toLocaleString("en-US");
