import type { Sensor } from "#shared/events/sensor.ts";
import type { DecoderState, Encoding } from "../encoding.ts";
import { createDatDecoder } from "./decoder.ts";
import { createDatEncoder } from "./encoder.ts";
import { createDatTriggerDecoder } from "./triggers.ts";

const RECORD = 8;

/** Records of Prophesee DAT files, version 2. */
export const dat = {
  id: "dat",
  label: "DAT",
  summary: "Eight bytes an event: 32-bit time and an address of 14, 14 and 4 bits (Prophesee DAT, version 2).",
  params: {},
  wordBytes: RECORD,
  createDecoder: (sensor: Sensor, state?: DecoderState) => createDatDecoder(2, sensor, state),
  createEncoder: createDatEncoder,
} satisfies Encoding;

/** Records of Prophesee DAT files, version 1. */
export const datV1 = {
  id: "dat-v1",
  label: "DAT, version 1",
  summary: "Eight bytes an event: 32-bit time and an address of 9, 8 and 1 bits (Prophesee DAT, version 1).",
  params: {},
  wordBytes: RECORD,
  createDecoder: (sensor: Sensor, state?: DecoderState) => createDatDecoder(1, sensor, state),
} satisfies Encoding;

/** Records of Prophesee DAT files that hold external triggers. */
export const datTriggers = {
  id: "dat-triggers",
  label: "DAT triggers",
  summary: "Eight bytes an external edge: 32-bit time, channel and value (Prophesee DAT).",
  params: {},
  wordBytes: RECORD,
  createDecoder: createDatTriggerDecoder,
} satisfies Encoding;
