import * as at from "#main/kernels/layout.ts";
import type { Encoding } from "../encoding.ts";
import { decodersOf, preambleOf, type WordEncoding } from "../word-decoder.ts";

const EVT4: WordEncoding = {
  wordBytes: 4,
  blockWords: at.EVT4_BLOCK,
  run: ({ kernels }, words) => kernels.evt4Decode(at.INPUT_AT, words, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT),
};

/** EVT 4.0. No recording of it is public: what is read follows the vendor's published decoder. */
export const evt4 = {
  id: "evt4",
  label: "EVT 4.0",
  summary:
    "32-bit words, single events or rows with a mask, 34-bit clock (vendor's data format EVT 4.0); not checked against a recording.",
  params: {},
  wordBytes: EVT4.wordBytes,
  createDecoder: decodersOf(EVT4),
  // a vector word whose mask is still to come belongs to it
  preamble: preambleOf((high, { vector = 0 }) => [0xe000_0000 + high, ...(vector === 0 ? [] : [vector])]),
} satisfies Encoding;
