import type { Encoding } from "../encoding.ts";
import { createEvt3Decoder } from "./decoder.ts";
import { createEvt3Encoder } from "./encoder.ts";
import { evt3Preamble } from "./preamble.ts";

/** EVT 3.0, the 16-bit words of Prophesee's newer sensors. */
export const evt3 = {
  id: "evt3",
  label: "EVT 3.0",
  summary:
    "16-bit words with rows and vectors, as sent by Prophesee sensors from generation 4 on (vendor's data format EVT 3.0).",
  params: {},
  wordBytes: 2,
  createDecoder: createEvt3Decoder,
  createEncoder: createEvt3Encoder,
  preamble: evt3Preamble,
} satisfies Encoding;
