import type { Filter } from "./filter.ts";

/** All filters. The list is explicit; nothing scans folders at run time. */
export const filters: readonly Filter[] = [];
