import type { Encoding } from "../encoding.ts";
import { createStructDecoder, STRUCT } from "./decoder.ts";
import { createStructEncoder } from "./encoder.ts";

/** Event structs as they lie in the packets of AEDAT 4. */
export const aedat4Events = {
  id: "aedat4-events",
  label: "AEDAT 4 events",
  summary: "Sixteen bytes an event: 64-bit time, column, row and polarity, little-endian, as DV writes them.",
  params: {},
  wordBytes: STRUCT,
  createDecoder: createStructDecoder,
  createEncoder: createStructEncoder,
} satisfies Encoding;
