import { backgroundActivity } from "./background-activity/background-activity.ts";
import type { Filter } from "./filter.ts";
import { polarity } from "./polarity/polarity.ts";
import { refractory } from "./refractory/refractory.ts";
import { roi } from "./roi/roi.ts";

/** All filters. The list is explicit; nothing scans folders at run time. */
export const filters: readonly Filter[] = [backgroundActivity, refractory, roi, polarity];
