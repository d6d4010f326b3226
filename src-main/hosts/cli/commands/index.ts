import type { Command } from "../command.ts";
import { convert } from "./convert.ts";
import { events } from "./events.ts";
import { info } from "./info.ts";
import { serve } from "./serve.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [serve, info, convert, events];
