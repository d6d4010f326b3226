import type { Sensor } from "#shared/events/sensor.ts";
import type { DecoderState, Encoding } from "../encoding.ts";
import { createDvs128Decoder } from "./decoder.ts";

/** What the DVS128 sends over USB 2. */
export const dvs128Usb = {
  id: "dvs128-usb",
  label: "DVS128 over USB",
  summary: "Four bytes an event: 16-bit address and 14-bit time, with words for turns of the clock and external edges.",
  params: {},
  wordBytes: 4,
  createDecoder: (sensor: Sensor, state?: DecoderState) => createDvs128Decoder(sensor, state),
} satisfies Encoding;
