import type { Driver } from "./driver.ts";
import { virtual } from "./virtual/virtual.ts";

/** All drivers. The list is explicit; nothing scans folders at run time. */
export const drivers: readonly Driver[] = [virtual];
