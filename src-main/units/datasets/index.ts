import type { DatasetLayout } from "./layout.ts";

/** All datasets. The list is explicit; nothing scans folders at run time. */
export const datasets: readonly DatasetLayout[] = [];
