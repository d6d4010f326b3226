import type { Sensor } from "#shared/events/sensor.ts";
import { fieldOf, headerLines, sizeOf, type PropheseeHeader } from "../prophesee/header.ts";

/** Largest width and height that the words can address. */
export const MAX_SIDE = 2048;

/** Encoding and size by camera board, for headers that name neither (hexadecimal ids of the vendor's source). */
const boards: readonly (readonly [ids: string, encoding: string, sensor: Sensor])[] = [
  ["15 17 19 1C 1D 21 22 23 29 97 99 A1 A2", "EVT2", { width: 640, height: 480 }],
  ["1A 1F 27", "EVT2", { width: 1280, height: 720 }],
  ["28", "EVT3", { width: 640, height: 480 }],
  ["1E 2E 30 31 32", "EVT3", { width: 1280, height: 720 }],
];
/** Boards below this number send EVT 2.1 with exchanged halves. */
const FIRST_LITTLE_BOARD = 0x37;

/** What a header says about its payload; absent where it does not say. */
export interface Payload {
  /** `EVT2`, `EVT21`, `EVT3`, `EVT4`, or whatever is written there. */
  readonly encoding?: string;
  readonly sensor?: Sensor;
  /** Order of the halves of EVT 2.1 words. */
  readonly order?: "little" | "legacy";
  /** The order that the camera board makes likely. */
  readonly boardOrder?: "little" | "legacy";
}

/** `format` counts before `evt`; the size in `format` before `geometry` before the camera board. */
export function payloadOf(header: PropheseeHeader): Payload {
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
  const sensor =
    sizeOf(inFormat("width"), inFormat("height"), MAX_SIDE) ?? sizeOf(geometry?.[1], geometry?.[2], MAX_SIDE) ?? board?.[2];
  const order = inFormat("endianness")?.toLowerCase();
  return {
    ...(encoding === undefined ? {} : { encoding }),
    ...(sensor === undefined ? {} : { sensor }),
    ...(order === "little" || order === "legacy" ? { order } : {}),
    ...(id === undefined || !(Number(id) >= 0) ? {} : { boardOrder: Number(id) < FIRST_LITTLE_BOARD ? "legacy" : "little" }),
  };
}

/** What the lines `evt` and `format` say, by the id of the encoding. */
const WRITTEN: Readonly<Record<string, readonly [evt: string, format: string]>> = {
  evt2: ["2.0", "EVT2"],
  evt21: ["2.1", "EVT21;endianness=little"],
  "evt21-legacy": ["2.1", "EVT21;endianness=legacy"],
  evt3: ["3.0", "EVT3"],
  evt4: ["4.0", "EVT4"],
};

/** The header of a recording in the encoding of that id; `undefined` for one that is no vendor's. Further fields are kept. */
export function writeHeader(
  encoding: string,
  { width, height }: Sensor,
  metadata: Readonly<Record<string, string>>,
): Uint8Array | undefined {
  const [evt, format] = WRITTEN[encoding] ?? [];
  if (evt === undefined || format === undefined) return undefined;
  const lines = [
    ["evt", evt],
    ["format", `${format};height=${height};width=${width}`],
    ["geometry", `${width}x${height}`],
  ] as const;
  return headerLines(lines, metadata);
}
