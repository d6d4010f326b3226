import type { Transport } from "./transport.ts";

const GET_DESCRIPTOR = 6;
const STRING = 0x03;

/** A string descriptor of the device (USB 2.0 specification, section 9.6.7), in the first language it offers. */
export async function readString(transport: Transport, index: number): Promise<string> {
  if (index === 0) return "";
  const read = (which: number, language: number, length: number): Promise<Uint8Array> =>
    transport.controlIn({ requestType: 0x80, request: GET_DESCRIPTOR, value: (STRING << 8) | which, index: language }, length);
  const languages = await read(0, 0, 4);
  const text = await read(index, (languages[2] ?? 0x09) | ((languages[3] ?? 0x04) << 8), 255);
  const end = Math.min(text[0] ?? 0, text.length);
  return new TextDecoder("utf-16le").decode(text.subarray(2, end)).replace(/\0+$/, "");
}
