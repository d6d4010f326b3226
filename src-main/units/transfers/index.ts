import { fineTune } from "./fine-tune/fine-tune.ts";
import { scratch } from "./scratch/scratch.ts";
import { slidingKt } from "./sliding-kt/sliding-kt.ts";
import type { Transfer } from "./transfer.ts";

/** All transfers. The list is explicit; nothing scans folders at run time. */
export const transfers: readonly Transfer[] = [scratch, fineTune, slidingKt];
