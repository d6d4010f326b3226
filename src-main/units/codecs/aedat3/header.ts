import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { chipOf } from "../aedat2/chips.ts";
import { latin1 } from "../signatures.ts";

const MAX_HEADER = 1 << 20;
const MAX_FIELDS = 100;
const END = "#!END-HEADER";

/** The comment lines that an AEDAT 3 file begins with. */
export interface Aedat3Header {
  /** "3.0" or "3.1". */
  readonly version: string;
  /** Names of the cameras and other devices by the id that packets give. */
  readonly sources: ReadonlyMap<number, string>;
  readonly fields: ReadonlyMap<string, string>;
  readonly length: number;
}

/** Reads the header. It ends with its end line, or, in version 3.0, before the first line that is no comment. */
export function parseAedat3Header(head: Uint8Array): Aedat3Header {
  const text = latin1(head);
  const sources = new Map<number, string>();
  const fields = new Map<string, string>();
  let length = 0;
  while (text[length] === "#") {
    const feed = text.indexOf("\n", length);
    if (feed < 0) break;
    const line = text.slice(length, feed).trimEnd();
    length = feed + 1;
    if (line === END) break;
    const [, name = "", value = ""] = /^#([A-Z][\w -]{0,60}): ?(.*)$/.exec(line) ?? [];
    const id = /^Source (\d{1,4})$/.exec(name)?.[1];
    if (id !== undefined) sources.set(Number(id), value);
    else if (name !== "" && fields.size < MAX_FIELDS) fields.set(name, value);
  }
  return { version: /^#!AER-DAT(\d+\.\d+)/.exec(text)?.[1] ?? "", sources, fields, length };
}

/** Reads the header off a file. @throws AppError `unsupported` for packed files, and for other devices than cameras. */
export async function readHeader(file: ByteSource): Promise<Aedat3Header> {
  const length = Math.min(MAX_HEADER, file.size);
  const header = parseAedat3Header(await file.read(0, length, new Uint8Array(length)));
  const format = header.fields.get("Format") ?? "RAW";
  if (format !== "RAW") {
    throw new AppError("unsupported", `${file.name} is packed as “${format}”, which is not read`, {
      hint: "Convert it to the format RAW with the vendor's tools.",
    });
  }
  return header;
}

/** Cameras beyond those that AEDAT 2 knows. */
const cameras: readonly (readonly [pattern: RegExp, width: number, height: number])[] = [
  [/DVS132S/i, 132, 104],
  [/DVX|DVS640/i, 640, 480],
  [/EDVS/i, 128, 128],
];

/** Size of the camera of that name; `undefined` when it is not known. */
export function sensorNamed(name: string | undefined): Sensor | undefined {
  if (name === undefined) return undefined;
  const [, width, height] = cameras.find(([pattern]) => pattern.test(name)) ?? [];
  return width === undefined || height === undefined ? chipOf(name)?.sensor : { width, height };
}
