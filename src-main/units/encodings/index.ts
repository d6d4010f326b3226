import { aedatDavis, aedatDvs128, aedatDvs128Short } from "./aedat-address/aedat-address.ts";
import { atis5byte } from "./atis-5byte/atis-5byte.ts";
import type { Encoding } from "./encoding.ts";
import { evt3 } from "./evt3/evt3.ts";

/** All encodings. The list is explicit; nothing scans folders at run time. */
export const encodings: readonly Encoding[] = [evt3, atis5byte, aedatDvs128, aedatDvs128Short, aedatDavis];
