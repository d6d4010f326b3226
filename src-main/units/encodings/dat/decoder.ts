import { SLACK_US, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import * as at from "#main/kernels/layout.ts";
import { eventKernels } from "#main/lib/kernels.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { BLOCK_BEHIND_STOP, KernelSession } from "../kernel-session.ts";
import { timeAfter } from "./clock.ts";
import { RecordBuffer } from "./record-buffer.ts";

/** Decoder of DAT events. The kernel stops before a record whose time does not fit its packet; here it is told what that time means. */
export function createDatDecoder(version: 1 | 2, sensor: Sensor, state?: DecoderState): Decoder {
  const kernels = eventKernels();
  const session = new KernelSession(kernels, sensor);
  const { slots, input } = session;
  const rest = new RecordBuffer(state);
  const view = new DataView(input.buffer, input.byteOffset);
  /** Time of the last record, or of the one that stopped the kernel. */
  let last = state?.["time"];
  /** Records handed over at once: few behind a stop, or data that stops the kernel all the time would be copied over and over. */
  let block = at.BLOCK_WORDS;

  function run(records: number, out: PacketWriter): number {
    session.enter(out.t0);
    const used = kernels.datDecode(at.INPUT_AT, records, at.OUTPUT_AT, at.STATE_AT, version);
    session.leave(out);
    if (used > 0) last = out.t0 + session.slot(at.DAT_LAST);
    return used;
  }

  return {
    decode: (bytes, out) => {
      let used = 0;
      while (used < bytes.length) {
        const records = rest.fill(input, bytes.subarray(used), block);
        if (records === 0) return used + rest.keep(bytes.subarray(used));
        const next = timeAfter(last, view.getUint32(0, true));
        if (out.count === 0) out.begin(Math.max(0, next - SLACK_US));
        else if (next < out.t0 || next - out.t0 > at.MAX_OFFSET || (last ?? next) - next > SLACK_US) return used;
        slots[at.DAT_LAST] = next - out.t0;
        const done = run(records, out);
        block = done < records ? BLOCK_BEHIND_STOP : Math.min(2 * block, at.BLOCK_WORDS);
        used += rest.take(done);
      }
      return used;
    },
    state: () => ({ ...(last === undefined ? {} : { time: last }), ...rest.state() }),
    time: () => last,
    triggers: () => [],
    dropped: () => session.dropped(),
    pending: () => rest.have,
  };
}
