import type { Encoding } from "../encoding.ts";
import { createAtisDecoder } from "./decoder.ts";
import { createAtisEncoder } from "./encoder.ts";

/** ATIS 5-byte records, as used by N-MNIST and N-Caltech101. */
export const atis5byte = {
  id: "atis-5byte",
  label: "ATIS 5-byte",
  summary:
    "Five bytes an event, 23-bit time, without a header (Orchard et al., Converting static image datasets to spiking neuromorphic datasets using saccades, doi:10.3389/fnins.2015.00437).",
  params: {},
  wordBytes: 5,
  createDecoder: createAtisDecoder,
  createEncoder: createAtisEncoder,
} satisfies Encoding;
