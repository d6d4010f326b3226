/** Names that Windows keeps for itself, whatever their extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
/** Long enough for any sentence, short enough for every file system together with its folder. */
const MAX_LENGTH = 80;

/** A name as a file on every system: without separators, control characters and trailing dots. */
export function safeName(name: string): string {
  const plain = name
    .normalize("NFC")
    .replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, MAX_LENGTH)
    .replace(/^[. ]+|[. ]+$/g, "");
  return plain === "" || RESERVED.test(plain) ? `take ${plain}`.trim() : plain;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** `2026-11-21 20.15.03`: what a take is called that nobody has named. */
export const stampOf = (at: Date): string =>
  `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${pad(at.getHours())}.${pad(at.getMinutes())}.${pad(at.getSeconds())}`;
