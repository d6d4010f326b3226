import { fineTune } from "./fine-tune/fine-tune.ts";
import { r2etl } from "./r2etl/r2etl.ts";
import { scratch } from "./scratch/scratch.ts";
import { slidingKt } from "./sliding-kt/sliding-kt.ts";
import { tet } from "./tet/tet.ts";
import { timeStepMixup } from "./time-step-mixup/time-step-mixup.ts";
import type { Transfer } from "./transfer.ts";

/** All transfers. The list is explicit; nothing scans folders at run time. */
export const transfers: readonly Transfer[] = [scratch, tet, fineTune, slidingKt, r2etl, timeStepMixup];
