import { pOf, xOf, yOf, type EventPacket } from "#shared/events/packet.ts";

const RECORD_BYTES = 13;

/** Lines `t,x,y,p`, or JSON arrays. */
export function eventLines({ t0, words }: EventPacket, json: boolean): string {
  const [open, close] = json ? ["[", "]\n"] : ["", "\n"];
  let text = "";
  for (let i = 0; i + 1 < words.length; i += 2) {
    const word = words[i + 1] ?? 0;
    text += `${open}${t0 + (words[i] ?? 0)},${xOf(word)},${yOf(word)},${pOf(word)}${close}`;
  }
  return text;
}

/** Records of 13 little-endian bytes: int64 t, uint16 x, uint16 y, uint8 p. */
export function eventRecords({ t0, words }: EventPacket): Uint8Array {
  const count = words.length >> 1;
  const bytes = new Uint8Array(count * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    const at = i * RECORD_BYTES;
    const t = t0 + (words[2 * i] ?? 0);
    const word = words[2 * i + 1] ?? 0;
    // Two halves instead of a BigInt each: times are integers below 2^53.
    view.setUint32(at, t >>> 0, true);
    view.setInt32(at + 4, Math.floor(t / 2 ** 32), true);
    view.setUint16(at + 8, xOf(word), true);
    view.setUint16(at + 10, yOf(word), true);
    view.setUint8(at + 12, pOf(word));
  }
  return bytes;
}
