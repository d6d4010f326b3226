import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { encodings } from "#main/units/encodings/index.ts";
import type { Codec } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import { latin1 } from "../signatures.ts";
import { MAGIC, readWireHeader } from "./header.ts";

/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 4 << 20;

/** The bytes of a camera as they came: what a recording is until it is written in a format that has to be made from events. */
export const wire = {
  id: "wire",
  label: "Camera bytes",
  summary:
    "What a camera sent, untouched, behind a line that tells how to read it: a recording that is under way or was broken off.",
  params: {},
  extensions: [".wire"],
  holds: ["triggers", "frames", "imu"],
  probe: (head) => latin1(head.subarray(0, MAGIC.length)) === MAGIC,
  open: async (file) => {
    const { encoding: id, sensor, state, metadata, length } = await readWireHeader(file);
    const encoding = encodings.find((one) => one.id === id);
    if (encoding === undefined) {
      throw new AppError("unsupported", `${file.name} holds bytes of a camera that this version does not know ("${id}")`, {
        hint: "Open it with the version that recorded it.",
      });
    }
    const recording = encodedRecording({
      file,
      // The bytes begin in the middle of a stream: this is where its decoder stood.
      encoding: { ...encoding, createDecoder: (size, from = state) => encoding.createDecoder(size, from) },
      sensor,
      label: basename(file.name),
      start: length,
      metadata,
    });
    if (file.size - length <= MEASURE_BYTES) await recording.measure();
    return recording;
  },
} satisfies Codec;
