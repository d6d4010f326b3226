import * as at from "#main/kernels/layout.ts";
import type { Encoding } from "../encoding.ts";
import { decodersOf, preambleOf, type WordEncoding } from "../word-decoder.ts";

/** EVT 2.1 with the half that holds the type at this byte of its words. */
const wordsOf = (high: 0 | 4): WordEncoding => ({
  wordBytes: 8,
  blockWords: at.EVT21_BLOCK,
  run: ({ kernels }, words) => kernels.evt21Decode(at.INPUT_AT, words, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT, high),
});

const LITTLE = wordsOf(4);
const LEGACY = wordsOf(0);

/** EVT 2.1 in little-endian words, as sent by the GenX320 and newer boards. */
export const evt21 = {
  id: "evt21",
  label: "EVT 2.1",
  summary: "64-bit words with up to 32 events of a row and a 34-bit clock (vendor's data format EVT 2.1, little-endian).",
  params: {},
  wordBytes: LITTLE.wordBytes,
  createDecoder: decodersOf(LITTLE),
  preamble: preambleOf((high) => [0, 0x8000_0000 + high]),
} satisfies Encoding;

/** EVT 2.1 with the halves of its words exchanged, as sent by older boards (IMX636, IMX646, generation 4.1). */
export const evt21Legacy = {
  id: "evt21-legacy",
  label: "EVT 2.1 (legacy)",
  summary: "64-bit words with up to 32 events of a row and a 34-bit clock (vendor's data format EVT 2.1, halves exchanged).",
  params: {},
  wordBytes: LEGACY.wordBytes,
  createDecoder: decodersOf(LEGACY),
  preamble: preambleOf((high) => [0x8000_0000 + high, 0]),
} satisfies Encoding;
