import { latin1 } from "../signatures.ts";

/** Headers of jAER hold its preferences and reach 175 KB. */
export const MAX_HEADER = 1 << 20;
/** A line that runs on for longer is data. */
const MAX_LINE = 1 << 16;
const MAX_FIELDS = 100;
const END = "#End Of ASCII Header";
const LINE_FEED = 10;
const HASH = 0x23;

/** The comment lines that an AEDAT 1 or 2 file begins with. */
export interface AedatHeader {
  /** "2.0" of `#!AER-DAT2.0`; empty when the file does not say. */
  readonly version: string;
  /** Lines of the form `# name: value`. */
  readonly fields: ReadonlyMap<string, string>;
  /** Bytes up to the first record. */
  readonly length: number;
}

/** Whether these bytes, a line with its end, can only be data. A first record may begin with the sign of a comment. */
function isData(line: string, ending: string): boolean {
  if (!line.endsWith(ending) || /[^\t\x20-\xff]/.test(line.slice(0, -ending.length))) return true;
  return /[\x80-\xff]/.test(line) && !/^#[ !<]/.test(line);
}

/**
 * Reads the header off the first bytes of a file (at most MAX_HEADER) of `size` bytes. It ends at its end line; where there is none,
 * before the first line that is no comment, and so that whole records follow if the last line leaves a doubt.
 */
export function parseAedatHeader(head: Uint8Array, size: number, recordBytes: number): AedatHeader {
  const fields = new Map<string, string>();
  let version = "";
  let ending = "";
  let length = 0;
  let before = 0;
  let last = "";
  while (head[length] === HASH) {
    const feed = head.subarray(length, length + MAX_LINE).indexOf(LINE_FEED);
    if (feed < 0) break;
    const line = latin1(head.subarray(length, length + feed + 1));
    if (ending === "") ending = line.endsWith("\r\n") ? "\r\n" : "\n";
    if (isData(line, ending)) break;
    last = line.trimEnd();
    before = length;
    length += line.length;
    if (before === 0) version = /^#!AER-DAT(\d+\.\d+)/.exec(last)?.[1] ?? "";
    const [, name, value] = /^# ?([A-Za-z][\w -]{0,60}): (.*)$/.exec(last) ?? [];
    if (name !== undefined && value !== undefined && fields.size < MAX_FIELDS) fields.set(name, value.trim());
    if (last === END) return { version, fields, length };
  }
  const doubtful = before > 0 && !/^#[ !<A-Za-z-]/.test(last);
  if (doubtful && (size - length) % recordBytes !== 0 && (size - before) % recordBytes === 0) length = before;
  return { version, fields, length };
}
