import type { Driver } from "./driver.ts";

/** All drivers. The list is explicit; nothing scans folders at run time. */
export const drivers: readonly Driver[] = [];
