import type { Command } from "../command.ts";
import { benchDecode } from "./bench.ts";
import { benchRecord } from "./bench-record.ts";
import { benchTrain } from "./bench-train.ts";
import { cameras } from "./cameras.ts";
import { classify } from "./classify.ts";
import { convert } from "./convert.ts";
import { datasetAdd, datasetExport, datasetList, datasetShow } from "./dataset.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { events } from "./events.ts";
import { info } from "./info.ts";
import { label, labelsExport } from "./label.ts";
import { open } from "./open.ts";
import { record } from "./record.ts";
import { models, runs } from "./runs.ts";
import { serve } from "./serve.ts";
import { simulate } from "./simulate.ts";
import { sweep } from "./sweep.ts";
import { train } from "./train.ts";
import { units } from "./units.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  open,
  serve,
  doctor,
  units,
  info,
  convert,
  events,
  simulate,
  datasetAdd,
  datasetList,
  datasetShow,
  datasetExport,
  label,
  labelsExport,
  train,
  sweep,
  runs,
  models,
  evaluate,
  classify,
  cameras,
  record,
  benchDecode,
  benchRecord,
  benchTrain,
];
