import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";
import type { Findings } from "../findings.ts";

/** More than this share of events beyond the sensor is worth a remark. */
const OUTSIDE_SHARE = 0.01;
/** How far the first time is looked for. */
const MAX_LOOK = 1 << 20;

/** Adds what the counters of a whole pass say: a start in the middle of a stream, or a size that does not fit. */
export function examineCounters(file: ByteSource, start: number, encoding: Encoding) {
  return async (findings: Findings): Promise<void> => {
    const { dropped } = findings.report();
    const timeless = dropped["before the first time"] ?? 0;
    const rowless = dropped["before the first row"] ?? 0;
    if (timeless + rowless > 0) {
      const reason = `the recording starts in the middle: ${timeless + rowless} events without a time or row were left out`;
      findings.damage({ offset: start, bytes: await bytesToTime(file, start, encoding), reason });
    }
    const outside = dropped["beyond the sensor"] ?? 0;
    if (outside <= OUTSIDE_SHARE * (findings.events + outside)) return;
    const share = ((100 * outside) / (findings.events + outside)).toFixed(1);
    findings.damage({ offset: start, bytes: 0, reason: `${share} per cent of the events lie beyond the sensor: wrong size?` });
  };
}

/** Bytes before the word that brings the first time. */
async function bytesToTime(file: ByteSource, start: number, encoding: Encoding): Promise<number> {
  const length = Math.max(0, Math.min(MAX_LOOK, file.size - start));
  const bytes = await file.read(start, length, new Uint8Array(length));
  const decoder = encoding.createDecoder({ width: 1, height: 1 });
  const writer = new PacketWriter();
  const { wordBytes } = encoding;
  for (let at = 0; at + wordBytes <= bytes.length; at += wordBytes) {
    decoder.decode(bytes.subarray(at, at + wordBytes), writer);
    writer.take();
    if (decoder.time() !== undefined) return at;
  }
  return bytes.length;
}
