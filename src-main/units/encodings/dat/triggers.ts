import type { Trigger } from "#shared/events/beside.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { timeAfter } from "./clock.ts";
import { RECORD, RecordBuffer } from "./record-buffer.ts";

/** Records looked at in one go. */
const BLOCK = 1024;

/** Decoder of the external triggers of a DAT file: no events, only edges. They are rare, so there is no kernel. */
export function createDatTriggerDecoder(_sensor: Sensor, state?: DecoderState): Decoder {
  const rest = new RecordBuffer(state);
  const buffer = new Uint8Array(RECORD * BLOCK);
  const view = new DataView(buffer.buffer);
  let last = state?.["time"];
  let found: Trigger[] = [];
  return {
    decode: (bytes) => {
      let used = 0;
      while (used < bytes.length) {
        const records = rest.fill(buffer, bytes.subarray(used), BLOCK);
        if (records === 0) return used + rest.keep(bytes.subarray(used));
        for (let i = 0; i < records; i += 1) {
          const info = view.getUint32(RECORD * i + 4, true);
          last = timeAfter(last, view.getUint32(RECORD * i, true));
          found.push({ t: last, channel: info >>> 26, value: (info & 0xf) === 0 ? 0 : 1 });
        }
        used += rest.take(records);
      }
      return used;
    },
    state: () => ({ ...(last === undefined ? {} : { time: last }), ...rest.state() }),
    time: () => last,
    triggers: () => {
      const triggers = found;
      found = [];
      return triggers;
    },
    dropped: () => ({}),
    pending: () => rest.have,
  };
}
