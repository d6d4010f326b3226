import type { EventPacket } from "#shared/events/packet.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";

/** Most bytes of a line: 16 digits and a sign, two times five digits, one, three commas and the end. */
const LINE = 40;
const [ZERO, COMMA, NEWLINE, MINUS] = [48, 44, 10, 45];
/** How often a growing file is handed to the disk (ms). */
const FLUSH_MS = 1000;

/** Writes a whole number as digits and answers the place behind it. */
function putInteger(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value;
  if (rest < 0) {
    bytes[at++] = MINUS;
    rest = -rest;
  }
  let digits = 1;
  for (let limit = 10; rest >= limit; limit *= 10) digits += 1;
  for (let i = at + digits - 1; i >= at; i -= 1) {
    const tenth = Math.floor(rest / 10);
    bytes[i] = ZERO + rest - 10 * tenth;
    rest = tenth;
  }
  return at + digits;
}

/** Lines of a packet; answers their bytes. */
function putLines({ t0, words }: EventPacket, bytes: Uint8Array): number {
  let at = 0;
  for (let i = 0; i < words.length; i += 2) {
    const packed = words[i + 1]!;
    at = putInteger(bytes, at, t0 + words[i]!);
    bytes[at++] = COMMA;
    at = putInteger(bytes, at, packed & 0x3fff);
    bytes[at++] = COMMA;
    at = putInteger(bytes, at, (packed >>> 14) & 0x3fff);
    bytes[at++] = COMMA;
    bytes[at++] = ZERO + (packed >>> 28);
    bytes[at++] = NEWLINE;
  }
  return at;
}

/** Writes CSV: a header `t,x,y,p`, then whole µs, column, row and 0 or 1. */
export async function textSink(file: ByteSink): Promise<EventSink> {
  await file.write(Buffer.from("t,x,y,p\n"));
  let buffer = new Uint8Array(0);
  let flushed = Date.now();
  return {
    write: async (packet) => {
      const needed = LINE * (packet.words.length >>> 1);
      if (buffer.length < needed) buffer = new Uint8Array(2 * needed);
      await file.write(buffer.subarray(0, putLines(packet, buffer)));
      if (Date.now() - flushed < FLUSH_MS) return;
      flushed = Date.now();
      await file.flush();
    },
    close: () => file.close(),
  };
}
