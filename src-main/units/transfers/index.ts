import type { Transfer } from "./transfer.ts";

/** All transfers. The list is explicit; nothing scans folders at run time. */
export const transfers: readonly Transfer[] = [];
