import type { Augmentation } from "./augmentation.ts";
import { cutMix } from "./cut-mix/cut-mix.ts";
import { eventDrop } from "./event-drop/event-drop.ts";
import { eventMix } from "./event-mix/event-mix.ts";
import { flipRollRotate } from "./flip-roll-rotate/flip-roll-rotate.ts";
import { mixup } from "./mixup/mixup.ts";
import { nda } from "./nda/nda.ts";

/** All augmentations. The list is explicit; nothing scans folders at run time. */
export const augmentations: readonly Augmentation[] = [nda, flipRollRotate, eventDrop, eventMix, cutMix, mixup];
