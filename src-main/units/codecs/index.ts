import type { Codec } from "./codec.ts";

/** All codecs. The list is explicit; nothing scans folders at run time. */
export const codecs: readonly Codec[] = [];
