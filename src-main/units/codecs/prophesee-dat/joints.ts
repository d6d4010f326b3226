import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";
import type { EncodedFile, Joint } from "../encoded-recording.ts";
import { fieldOf, kindOf, sizeOf } from "../prophesee/header.ts";
import { headerIn, LOOKAHEAD } from "../prophesee/joint.ts";
import { LARGEST, recordsOf } from "./records.ts";

/** A second file inside the file: `cat a.dat b.dat`. */
export function jointsOf(file: ByteSource, encoding: Encoding, sensor: Sensor): NonNullable<EncodedFile["joints"]> {
  return {
    lookahead: LOOKAHEAD,
    find: async (bytes: Uint8Array, offset: number): Promise<Joint | undefined> => {
      const joined = await headerIn(file, bytes, offset);
      if (joined === undefined) return undefined;
      const { at, head, header } = joined;
      const leaveOut = (why: string): Joint => ({
        at,
        resume: file.size,
        reason: `a second recording ${why} was joined on and is left out`,
        readable: false,
      });
      if (kindOf(header) !== "dat") return leaveOut("of another format");
      const size = sizeOf(fieldOf(header, "width"), fieldOf(header, "height"), LARGEST.width) ?? sensor;
      if (size.width > sensor.width || size.height > sensor.height) {
        return leaveOut(`with a sensor of ${size.width}×${size.height}`);
      }
      try {
        const next = recordsOf(file.name, header, head, file.size - at);
        if (next.encoding !== encoding) return leaveOut(`with other records (${next.encoding.label})`);
        const reason = "the header of a second recording that was joined on; its events follow, on a clock of their own";
        return { at, resume: at + next.start, reason, readable: true };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return leaveOut("that cannot be read");
      }
    },
  };
}
