import type { Sensor } from "#shared/events/sensor.ts";
import type { DecoderState, Encoding } from "../encoding.ts";
import { createMiniDecoder } from "./decoder.ts";

/** What the DVXplorer Mini and Micro send over USB 3. */
export const dvxplorerMiniUsb = {
  id: "dvxplorer-mini-usb",
  label: "DVXplorer Mini over USB",
  summary:
    "32-bit words of the iniVation DVXplorer Mini and Micro: times, columns, groups of eight pixels; inertial readings are put between them by the driver.",
  params: {},
  wordBytes: 4,
  createDecoder: (sensor: Sensor, state?: DecoderState) => createMiniDecoder(sensor, state),
} satisfies Encoding;
