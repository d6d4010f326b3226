import type { Sensor } from "#shared/events/sensor.ts";
import type { DecoderState, Encoding } from "../encoding.ts";
import { createFx3Decoder } from "../inivation/fx3-decoder.ts";

/** What DAVIS cameras send over USB 3. */
export const davisUsb = {
  id: "davis-usb",
  label: "DAVIS over USB",
  summary: "16-bit words of iniVation DAVIS cameras: times, rows, pixels, samples of frames, inertial readings, external edges.",
  params: {},
  wordBytes: 2,
  createDecoder: (sensor: Sensor, state?: DecoderState) => createFx3Decoder("davis", sensor, state),
} satisfies Encoding;
