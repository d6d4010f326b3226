import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";
import type { EncodedFile, Joint } from "../encoded-recording.ts";
import { kindOf } from "../prophesee/header.ts";
import { headerIn, LOOKAHEAD } from "../prophesee/joint.ts";
import { namedEncoding } from "./choose.ts";
import { payloadOf } from "./header.ts";

/** A second recording inside the file: `cat a.raw b.raw`. */
export function jointsOf(file: ByteSource, encoding: Encoding, sensor: Sensor): NonNullable<EncodedFile["joints"]> {
  return {
    lookahead: LOOKAHEAD,
    find: async (bytes: Uint8Array, offset: number): Promise<Joint | undefined> => {
      const joined = await headerIn(file, bytes, offset);
      if (joined === undefined) return undefined;
      const { at, head, header } = joined;
      const payload = payloadOf(header);
      const next = namedEncoding(payload, head.subarray(header.length))?.encoding ?? encoding;
      const what = kindOf(header) === "dat" ? "DAT records" : next === encoding ? undefined : `${next.label} data`;
      const size = payload.sensor ?? sensor;
      const fits = size.width <= sensor.width && size.height <= sensor.height;
      if (what === undefined && fits) {
        const reason = "the header of a second recording that was joined on; its events follow, on a clock of their own";
        return { at, resume: at + Math.max(2, header.length), reason, readable: true };
      }
      const left = what ?? `a sensor of ${size.width}×${size.height}`;
      return { at, resume: file.size, reason: `a second recording with ${left} was joined on and is left out`, readable: false };
    },
  };
}
