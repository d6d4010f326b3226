import type { Board } from "../inivation/board.ts";
import type { Control } from "../inivation/driver.ts";
import { sensorMetadata } from "../inivation/s5k231y.ts";
import type { MiniParams } from "./dvxplorer-mini.ts";
import type { ReadingWeaver } from "./readings.ts";

const EVENTS_IN = 0x82;
/** Small ones, because nothing says that the board ends a transfer early when little moves. */
const TRANSFERS = 128;
const TRANSFER_BYTES = 8 * 1024;

/** What is the same for both generations of firmware. */
export const miniControl = (
  { columns, rows }: Board,
  weaver: ReadingWeaver,
): Pick<Control<MiniParams>, "sensor" | "encoding" | "endpoint" | "transfers" | "transferBytes" | "metadata" | "weave"> => ({
  sensor: { width: columns, height: rows },
  encoding: "dvxplorer-mini-usb",
  endpoint: EVENTS_IN,
  transfers: TRANSFERS,
  transferBytes: TRANSFER_BYTES,
  metadata: (params) => ({ ...sensorMetadata(params), sensor_name: "S5K231Y" }),
  weave: (onBytes) => weaver.weave(onBytes),
});
