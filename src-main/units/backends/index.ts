import type { Backend } from "./backend.ts";

/** All backends. The list is explicit; nothing scans folders at run time. */
export const backends: readonly Backend[] = [];
