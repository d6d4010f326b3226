import type { Neuron } from "./neuron.ts";

/** All neurons. The list is explicit; nothing scans folders at run time. */
export const neurons: readonly Neuron[] = [];
