import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { rowsOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { Camera } from "../driver.ts";

/** What comes from a camera, decoded as a stream does it. */
export function collector<S extends ParamSpec>(camera: Camera<S>) {
  const decoder = findUnit("encoding", encodings, camera.encoding.id).createDecoder(camera.info.sensor, camera.decoderState);
  const writer = new PacketWriter();
  const rows: EventRow[] = [];
  return {
    rows,
    decoder,
    take: (chunk: Uint8Array): void => {
      for (let rest = chunk; rest.length > 0;) {
        const used = decoder.decode(rest, writer);
        for (const row of rowsOf(writer.take())) rows.push(row);
        rest = rest.subarray(used);
      }
    },
  };
}

/** Where two streams part; comparing them whole would take long to report. */
export function firstDifference(got: readonly EventRow[], wanted: readonly EventRow[]): unknown {
  const at = wanted.findIndex((row, i) => String(row) !== String(got[i]));
  return at < 0 && got.length === wanted.length ? undefined : { at, got: got[at], wanted: wanted[at], length: got.length };
}
