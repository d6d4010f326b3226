import { lifHe } from "./lif-he/lif-he.ts";
import { lifR2etl } from "./lif-r2etl/lif-r2etl.ts";
import type { Neuron } from "./neuron.ts";

/** All neurons. The list is explicit; nothing scans folders at run time. */
export const neurons: readonly Neuron[] = [lifHe, lifR2etl];
