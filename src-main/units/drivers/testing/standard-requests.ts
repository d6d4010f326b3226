import type { Transcript } from "./transcript.ts";
import { bytesOf } from "./transcript.ts";
import { bosDescriptor } from "./usb-descriptors.ts";

/** What a device does at a request that every device knows. */
export type StandardAnswer =
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "clear-halt"; readonly endpoint: number }
  | { readonly kind: "done" }
  | { readonly kind: "refused" };

const GET_STATUS = 0;
const CLEAR_FEATURE = 1;
const GET_DESCRIPTOR = 6;
const GET_CONFIGURATION = 8;
const GET_INTERFACE = 10;
const TO_ENDPOINT = 2;
const DEVICE = 1;
const CONFIGURATION = 2;
const STRING = 3;
const BOS = 15;
const ENGLISH = [4, 3, 0x09, 0x04] as const;

function descriptor({ usb }: Transcript, kind: number, index: number): Uint8Array | undefined {
  switch (kind) {
    case DEVICE:
      return bytesOf(usb.deviceDescriptor);
    case CONFIGURATION:
      return index === 0 ? bytesOf(usb.configDescriptor) : undefined;
    case STRING: {
      if (index === 0) return new Uint8Array(ENGLISH);
      const text = usb.strings[String(index)];
      return text === undefined ? undefined : new Uint8Array([2 + text.length * 2, STRING, ...Buffer.from(text, "utf16le")]);
    }
    case BOS:
      return usb.speed === "super" ? bosDescriptor() : undefined;
    default:
      return undefined;
  }
}

/** The answer to a standard request (USB 2.0 specification, section 9.4); `undefined` for those of the vendor. */
export function answerStandard(
  setup: Uint8Array,
  transcript: Transcript,
  isHalted: (endpoint: number) => boolean,
): StandardAnswer | undefined {
  const [requestType = 0, request = 0, valueLow = 0, valueHigh = 0, index = 0] = setup;
  if ((requestType & 0x60) !== 0) return undefined;
  const recipient = requestType & 0x1f;
  if (requestType < 0x80) {
    if (request === CLEAR_FEATURE && recipient === TO_ENDPOINT) return { kind: "clear-halt", endpoint: index };
    // Configuration, interface, power and latency: there is one of each, and nothing to save.
    return { kind: "done" };
  }
  switch (request) {
    case GET_DESCRIPTOR: {
      const data = descriptor(transcript, valueHigh, valueLow);
      return data === undefined ? { kind: "refused" } : { kind: "data", data };
    }
    case GET_STATUS:
      return { kind: "data", data: new Uint8Array([recipient === TO_ENDPOINT && isHalted(index) ? 1 : 0, 0]) };
    case GET_CONFIGURATION:
      return { kind: "data", data: new Uint8Array([1]) };
    case GET_INTERFACE:
      return { kind: "data", data: new Uint8Array([0]) };
    default:
      return { kind: "refused" };
  }
}
