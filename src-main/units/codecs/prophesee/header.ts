import type { Sensor } from "#shared/events/sensor.ts";
import { latin1 } from "../signatures.ts";

/** What the ASCII lines at the start of a Prophesee file say. Keys are kept as they are written. */
export interface PropheseeHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** Bytes up to the first word. */
  readonly length: number;
  /** Whether the line `% end` is there, which older files do not have. */
  readonly ended: boolean;
}

/** A header line is at most so long and printable; anything else is data. */
export const MAX_LINE = 1000;
/** Longest header that is looked at. */
export const MAX_HEADER = 64 * 1024;

/** A key and its value; a line of nothing but blanks is a line of the header too. */
const LINE = /^% [ \t]*([\x21-\x24\x26-\x7e][\x21-\x7e]*)?[ \t]?([\t\x20-\x7e\x80-\xff]*)\r?$/;

/**
 * Reads the header at the start of `bytes`: lines that begin with `% `, up to and including `% end`, or up to the first pair
 * of bytes that is none. A length of 0 means that there is no header.
 */
export function parseHeader(bytes: Uint8Array): PropheseeHeader {
  const fields = new Map<string, string>();
  let at = 0;
  let ended = false;
  while (!ended && at + 1 < bytes.length && bytes[at] === 0x25 && bytes[at + 1] === 0x20) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0 || end - at > MAX_LINE) break;
    const match = LINE.exec(latin1(bytes.subarray(at, end)));
    if (match === null) break;
    at = end + 1;
    const [, key = "", value = ""] = match;
    ended = key.toLowerCase() === "end" && value.trim() === "";
    if (!ended && key !== "") fields.set(key, value.trim());
  }
  return { fields, length: at, ended };
}

/** Whether `rest`, which is all that a file has behind its header, is the beginning of one more line of it. */
export const isCutLine = (header: PropheseeHeader, rest: Uint8Array): boolean =>
  !header.ended && rest.length < MAX_LINE && rest[0] === 0x25 && /^%(?: [\x20-\x7e]*)?$/.test(latin1(rest));

/** The value of a header key, whatever its case. */
export function fieldOf(header: PropheseeHeader, key: string): string | undefined {
  for (const [name, value] of header.fields) if (name.toLowerCase() === key.toLowerCase()) return value;
  return undefined;
}

/** Keys of which the header of a RAW file has at least one. */
const RAW_KEYS = ["evt", "format", "system_ID", "plugin_name", "integrator_name", "camera_integrator_name", "geometry"];

/** Which of the two formats with such headers this is: DAT files begin alike, but name their contents, version or size. */
export function kindOf(header: PropheseeHeader): "raw" | "dat" | undefined {
  const has = (key: string): boolean => fieldOf(header, key) !== undefined;
  if (header.length === 0) return undefined;
  if (has("evt") || has("format")) return "raw";
  if (has("version") || /^file containing/i.test(fieldOf(header, "data") ?? "")) return "dat";
  if (RAW_KEYS.some(has)) return "raw";
  return has("width") && has("height") ? "dat" : undefined;
}

/** A size as written in a header; `undefined` where it is none. */
export function sizeOf(width: string | undefined, height: string | undefined, largest: number): Sensor | undefined {
  const sensor = { width: Number(width), height: Number(height) };
  const ok = [sensor.width, sensor.height].every((side) => Number.isInteger(side) && side > 0 && side <= largest);
  return ok ? sensor : undefined;
}

const KEY = /^[A-Za-z_][\w.-]{0,60}$/;
/** Keys that say what a payload is, or how a file was read: no writer takes them over from another file. */
const OWN = new Set(["evt", "format", "geometry", "version", "data", "width", "height", "end", "remark", "sensor_from"]);

/** A header of these lines, and of further fields as far as they fit into lines, with the line that ends it. */
export function headerLines(
  lines: readonly (readonly [key: string, value: string])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const fields = Object.entries(metadata).filter(([key]) => KEY.test(key) && !OWN.has(key.toLowerCase()));
  if (!fields.some(([key]) => key.toLowerCase() === "date")) {
    fields.push(["date", new Date().toISOString().slice(0, 19).replace("T", " ")]);
  }
  const all = [
    ...lines,
    ...fields.map(([key, value]) => [key, value.replace(/[^\x20-\x7e]/g, " ").slice(0, MAX_LINE - 100)] as const),
    ["end", ""] as const,
  ];
  return Buffer.from(all.map(([key, value]) => `% ${key} ${value}`.trimEnd() + "\n").join(""), "latin1");
}
