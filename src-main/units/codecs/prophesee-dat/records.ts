import { AppError } from "#shared/api/errors.ts";
import { dat, datTriggers, datV1 } from "#main/units/encodings/dat/dat.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";
import { fieldOf, isCutLine, type PropheseeHeader } from "../prophesee/header.ts";

/** Bytes of a record. */
export const RECORD = 8;
/** Largest coordinates plus one that version 2 can hold. */
export const LARGEST = { width: 1 << 14, height: 1 << 14 };

/** Types of events: the old name of CD, CD, external triggers. */
const EVENT_2D = 0x00;
export const CD = 0x0c;
const TRIGGER = 0x0e;

const encodingOf = (type: number, version: number): Encoding | undefined => {
  if (type === TRIGGER) return datTriggers;
  if (type !== CD && type !== EVENT_2D) return undefined;
  return version === 1 ? datV1 : dat;
};

/**
 * What lies behind a header, by the two bytes there: type and size of the events. `head` is the beginning of what the header was read
 * from, `size` all that there is.
 * @throws AppError `empty`, `damaged`, `unsupported` when there is nothing that can be read.
 */
export function recordsOf(
  name: string,
  header: PropheseeHeader,
  head: Uint8Array,
  size: number,
): { readonly encoding: Encoding; readonly start: number } {
  const rest = head.subarray(header.length);
  const [type, bytes] = rest;
  if (type === undefined || bytes === undefined || (rest.length === size - header.length && isCutLine(header, rest))) {
    throw new AppError("empty", `${name} ends in its header, at byte ${size}: the type and size of its events are missing`, {
      hint: "The file was cut; fetch or convert it again.",
    });
  }
  const version = fieldOf(header, "version") ?? "1";
  if (!["1", "2"].includes(version)) {
    throw new AppError("unsupported", `${name} is DAT version “${version}”; versions 1 and 2 are read`, {
      hint: "Convert it with the vendor's tools.",
    });
  }
  const encoding = encodingOf(type, Number(version));
  if (encoding === undefined) {
    throw new AppError("unsupported", `${name} holds events of type ${type}; 0 and 12 (CD) and 14 (external triggers) are read`, {
      hint: "Other types, such as optical flow, are no pixel events; look for the file of CD events beside it.",
    });
  }
  if (bytes !== RECORD) {
    throw new AppError("damaged", `${name} says that its events of type ${type} have ${bytes} bytes each; they have ${RECORD}`, {
      hint: "The header is damaged or the file is of another format; fetch or convert it again.",
    });
  }
  return { encoding, start: header.length + 2 };
}
