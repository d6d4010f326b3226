import type { Sensor } from "#shared/events/sensor.ts";
import type { DecoderState, Encoding } from "../encoding.ts";
import { createFx3Decoder } from "../inivation/fx3-decoder.ts";

/** What the DVXplorer sends over USB 3. */
export const dvxplorerUsb = {
  id: "dvxplorer-usb",
  label: "DVXplorer over USB",
  summary: "16-bit words of the iniVation DVXplorer: times, columns, groups of eight pixels, inertial readings, external edges.",
  params: {},
  wordBytes: 2,
  createDecoder: (sensor: Sensor, state?: DecoderState) => createFx3Decoder("dvxplorer", sensor, state),
} satisfies Encoding;
