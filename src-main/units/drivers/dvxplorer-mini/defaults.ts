import { parseParams } from "#shared/units/params.ts";
import { sensorParams } from "../inivation/s5k231y.ts";

/** What the chip's registers mean after the vendor's defaults have been written. */
export const defaultSensor = parseParams(sensorParams, {}, "dvxplorer-mini");
