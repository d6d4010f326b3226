import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Joint } from "../encoded-recording.ts";
import type { Findings } from "../findings.ts";
import { findHeader, LOOKAHEAD } from "./joint.ts";
import { MAX_HEADER, parseHeader, payloadOf } from "./header.ts";

/** A second recording inside the file that starts at `start`: `cat a.raw b.raw`. */
export function jointsOf(file: ByteSource, sensor: Sensor) {
  return {
    lookahead: LOOKAHEAD,
    find: async (bytes: Uint8Array, offset: number): Promise<Joint | undefined> => {
      const found = findHeader(bytes);
      if (found < 0) return undefined;
      const at = offset + found;
      const length = Math.min(MAX_HEADER, file.size - at);
      const header = parseHeader(await file.read(at, length, new Uint8Array(length)));
      const payload = payloadOf(header);
      const other = payload.encoding !== undefined && payload.encoding !== "EVT3" ? payload.encoding : undefined;
      const size = payload.sensor ?? sensor;
      if (other === undefined && size.width <= sensor.width && size.height <= sensor.height) {
        const reason = "the header of a second recording that was joined on; its events follow, on a clock of their own";
        return { at, resume: at + Math.max(2, header.length), reason, readable: true };
      }
      const what = other === undefined ? `a sensor of ${size.width}×${size.height}` : `${other} data`;
      return { at, resume: file.size, reason: `a second recording with ${what} was joined on and is left out`, readable: false };
    },
  };
}

/** More than this share of events beyond the sensor is worth a remark. */
const OUTSIDE_SHARE = 0.01;

/** Adds what the counters of a whole pass say: a start in the middle of a stream, or a size that does not fit. */
export function examineEvt3(file: ByteSource, start: number) {
  return async (findings: Findings): Promise<void> => {
    const { dropped } = findings.report();
    const timeless = dropped["before the first time"] ?? 0;
    const rowless = dropped["before the first row"] ?? 0;
    if (timeless + rowless > 0) {
      const reason = `the recording starts in the middle: ${timeless + rowless} events without a time or row were left out`;
      findings.damage({ offset: start, bytes: await bytesToTime(file, start), reason });
    }
    const outside = dropped["beyond the sensor"] ?? 0;
    if (outside <= OUTSIDE_SHARE * (findings.events + outside)) return;
    const share = ((100 * outside) / (findings.events + outside)).toFixed(1);
    findings.damage({ offset: start, bytes: 0, reason: `${share} per cent of the events lie beyond the sensor: wrong size?` });
  };
}

/** Bytes before the first TIME_HIGH word, looked for in the first MiB. */
async function bytesToTime(file: ByteSource, start: number): Promise<number> {
  const length = Math.max(0, Math.min(1 << 20, file.size - start));
  const bytes = await file.read(start, length, new Uint8Array(length));
  for (let i = 1; i < bytes.length; i += 2) if (bytes[i]! >>> 4 === 8) return i - 1;
  return bytes.length;
}
