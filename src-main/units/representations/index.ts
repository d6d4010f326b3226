import type { Representation } from "./representation.ts";

/** All representations. The list is explicit; nothing scans folders at run time. */
export const representations: readonly Representation[] = [];
