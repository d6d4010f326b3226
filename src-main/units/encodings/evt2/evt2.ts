import * as at from "#main/kernels/layout.ts";
import type { Encoding } from "../encoding.ts";
import { decodersOf, preambleOf, type WordEncoding } from "../word-decoder.ts";
import { createEvt2Encoder } from "./encoder.ts";

const EVT2: WordEncoding = {
  wordBytes: 4,
  blockWords: at.BLOCK_WORDS,
  run: ({ kernels }, words) => kernels.evt2Decode(at.INPUT_AT, words, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT),
};

/** EVT 2.0, as sent by Prophesee's cameras of generation 3, and by later ones when asked to. */
export const evt2 = {
  id: "evt2",
  label: "EVT 2.0",
  summary: "32-bit words, one event each, with a 34-bit clock (vendor's data format EVT 2.0).",
  params: {},
  wordBytes: EVT2.wordBytes,
  createDecoder: decodersOf(EVT2),
  createEncoder: createEvt2Encoder,
  preamble: preambleOf((high) => [0x8000_0000 + high]),
} satisfies Encoding;
