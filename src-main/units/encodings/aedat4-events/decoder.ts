import { SLACK_US, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import * as at from "#main/kernels/layout.ts";
import { eventKernels } from "#main/lib/kernels.ts";
import { RecordBuffer } from "../dat/record-buffer.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { BLOCK_BEHIND_STOP, KernelSession } from "../kernel-session.ts";

/** Bytes of an event. */
export const STRUCT = 16;

/** Decoder of event structs. The kernel stops before one whose time does not fit its packet; here the next base is set. */
export function createStructDecoder(sensor: Sensor, state?: DecoderState): Decoder {
  const kernels = eventKernels();
  const session = new KernelSession(kernels, sensor);
  const { slots, input } = session;
  const rest = new RecordBuffer(state, STRUCT);
  const view = new DataView(input.buffer, input.byteOffset);
  let last = state?.["time"];
  /** Structs handed over at once: few behind a stop, or data that stops the kernel all the time would be copied over and over. */
  let block = at.AEDAT4_BLOCK;

  /** Time of the first struct in the input region, or the last known one where it has none that can be. */
  function nextTime(): number {
    const high = view.getUint32(4, true);
    return high < at.AEDAT4_IMPOSSIBLE ? high * 0x1_0000_0000 + view.getUint32(0, true) : (last ?? 0);
  }

  function run(structs: number, out: PacketWriter): number {
    slots[at.AEDAT4_BASE_HIGH] = Math.floor(out.t0 / 0x1_0000_0000);
    const timeless = session.slot(at.DROPPED_TIMELESS);
    session.enter(out.t0);
    const used = kernels.aedat4Decode(at.INPUT_AT, structs, at.OUTPUT_AT, at.STATE_AT);
    session.leave(out);
    // Unless none of the structs had a time.
    if (used > session.slot(at.DROPPED_TIMELESS) - timeless) last = out.t0 + session.slot(at.AEDAT4_LAST);
    return used;
  }

  return {
    decode: (bytes, out) => {
      let used = 0;
      while (used < bytes.length) {
        const structs = rest.fill(input, bytes.subarray(used), block);
        if (structs === 0) return used + rest.keep(bytes.subarray(used));
        const next = nextTime();
        if (out.count === 0) out.begin(Math.max(0, next - SLACK_US));
        else if (next < out.t0 || next - out.t0 > at.MAX_OFFSET || (last ?? next) - next > SLACK_US) return used;
        slots[at.AEDAT4_LAST] = next - out.t0;
        const done = run(structs, out);
        block = done < structs ? BLOCK_BEHIND_STOP : Math.min(2 * block, at.AEDAT4_BLOCK);
        used += rest.take(done);
      }
      return used;
    },
    state: () => ({ ...(last === undefined ? {} : { time: last }), ...rest.state() }),
    time: () => last,
    triggers: () => [],
    dropped: () => {
      const counts = [
        ["with an impossible time", session.slot(at.DROPPED_TIMELESS)],
        ["beyond the sensor", session.slot(at.DROPPED_OUTSIDE)],
      ] as const;
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
    pending: () => rest.have,
  };
}
