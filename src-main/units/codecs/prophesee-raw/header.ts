import type { Sensor } from "#shared/events/sensor.ts";
import { latin1 } from "../signatures.ts";

/** What the ASCII lines at the start of a Prophesee file say. Keys are kept as they are written. */
export interface RawHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** Bytes up to the first word. */
  readonly length: number;
}

/** A header line is at most so long and printable; anything else is data. */
export const MAX_LINE = 1000;
/** Longest header that is looked at. */
export const MAX_HEADER = 64 * 1024;

const LINE = /^% ?([\x21-\x24\x26-\x7e]+)[ \t]?([\t\x20-\x7e\x80-\xff]*)\r?$/;

/**
 * Reads the header at the start of `bytes`: lines that begin with `% `, up to and including `% end`, or up to the first pair
 * of bytes that is none. A length of 0 means that there is no header.
 */
export function parseHeader(bytes: Uint8Array): RawHeader {
  const fields = new Map<string, string>();
  let at = 0;
  while (at + 1 < bytes.length && bytes[at] === 0x25 && bytes[at + 1] === 0x20) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0 || end - at > MAX_LINE) break;
    const match = LINE.exec(latin1(bytes.subarray(at, end)));
    if (match?.[1] === undefined) break;
    at = end + 1;
    if (match[1] === "end") break;
    fields.set(match[1], (match[2] ?? "").trim());
  }
  return { fields, length: at };
}

/** The value of a header key, whatever its case. */
export function fieldOf(header: RawHeader, key: string): string | undefined {
  for (const [name, value] of header.fields) if (name.toLowerCase() === key.toLowerCase()) return value;
  return undefined;
}

/** Encoding and size by camera board, for headers that name neither (hexadecimal ids of the vendor's source). */
const boards: readonly (readonly [ids: string, encoding: string, sensor: Sensor])[] = [
  ["15 17 19 1C 1D 21 22 23 29 97 99 A1 A2", "EVT2", { width: 640, height: 480 }],
  ["1A 1F 27", "EVT2", { width: 1280, height: 720 }],
  ["28", "EVT3", { width: 640, height: 480 }],
  ["1E 2E 30 31 32", "EVT3", { width: 1280, height: 720 }],
];

const sizeOf = (width: string | undefined, height: string | undefined): Sensor | undefined => {
  const sensor = { width: Number(width), height: Number(height) };
  const ok = [sensor.width, sensor.height].every((side) => Number.isInteger(side) && side > 0 && side <= 2048);
  return ok ? sensor : undefined;
};

/** What a header says about its payload; absent where it does not say. */
export interface Payload {
  /** `EVT2`, `EVT21`, `EVT3`, `EVT4`, or whatever is written there. */
  readonly encoding?: string;
  readonly sensor?: Sensor;
}

/** `format` counts before `evt`; the size in `format` before `geometry` before the camera board. */
export function payloadOf(header: RawHeader): Payload {
  const parts = (fieldOf(header, "format") ?? "").split(";").map((part) => part.trim());
  const inFormat = (key: string): string | undefined =>
    parts.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
  const version = fieldOf(header, "evt");
  const id = fieldOf(header, "system_ID");
  const board = boards.find(([ids]) => id !== undefined && ids.split(" ").some((hex) => Number.parseInt(hex, 16) === Number(id)));
  const geometry = /^(\d+)\s*x\s*(\d+)$/i.exec(fieldOf(header, "geometry") ?? "");
  const named = parts.find((part) => part !== "" && !part.includes("="));
  const encoding =
    named?.toUpperCase() ?? (version === undefined ? board?.[1] : `EVT${version.replace(/\.0$/, "").replace(".", "")}`);
  const sensor = sizeOf(inFormat("width"), inFormat("height")) ?? sizeOf(geometry?.[1], geometry?.[2]) ?? board?.[2];
  return { ...(encoding === undefined ? {} : { encoding }), ...(sensor === undefined ? {} : { sensor }) };
}

const KEY = /^[A-Za-z_][\w.-]{0,60}$/;
/** Keys that the writer sets itself. */
const own = new Set(["evt", "format", "geometry", "end"]);

/** The header of an EVT 3.0 recording. Further fields are kept where they fit into a line. */
export function writeHeader(sensor: Sensor, metadata: Readonly<Record<string, string>>): Uint8Array {
  const { width, height } = sensor;
  const fields = Object.entries(metadata).filter(([key]) => KEY.test(key) && !own.has(key.toLowerCase()));
  if (!fields.some(([key]) => key.toLowerCase() === "date")) {
    fields.push(["date", new Date().toISOString().slice(0, 19).replace("T", " ")]);
  }
  const lines = [
    ["evt", "3.0"],
    ["format", `EVT3;height=${height};width=${width}`],
    ["geometry", `${width}x${height}`],
    ...fields.map(([key, value]) => [key, value.replace(/[^\x20-\x7e]/g, " ").slice(0, MAX_LINE - 100)]),
    ["end", ""],
  ];
  return Buffer.from(lines.map(([key, value]) => `% ${key} ${value}`.trimEnd() + "\n").join(""), "latin1");
}
