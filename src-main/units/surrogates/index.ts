import type { Surrogate } from "./surrogate.ts";

/** All surrogates. The list is explicit; nothing scans folders at run time. */
export const surrogates: readonly Surrogate[] = [];
