import type { Encoding } from "./encoding.ts";

/** All encodings. The list is explicit; nothing scans folders at run time. */
export const encodings: readonly Encoding[] = [];
