import { SLACK_US, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import * as at from "#main/kernels/layout.ts";
import { eventKernels } from "#main/lib/kernels.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { KernelSession } from "../kernel-session.ts";

const RECORD = 5;

/** Decoder of ATIS records: no header, no words but events and overflow records. */
export function createAtisDecoder(sensor: Sensor, state?: DecoderState): Decoder {
  const kernels = eventKernels();
  const session = new KernelSession(kernels, sensor);
  const { slots, input } = session;
  slots[at.ATIS_OVERFLOWS] = state?.["overflows"] ?? 0;
  slots[at.ATIS_TIME] = state?.["time"] ?? at.ATIS_TIMELESS;
  /** Bytes of a record that is not complete yet. */
  const part = new Uint8Array(RECORD);
  let have = state?.["have"] ?? 0;
  for (let i = 0; i < have; i += 1) part[i] = state?.[`byte${i}`] ?? 0;

  const known = (): boolean => session.slot(at.ATIS_TIME) !== at.ATIS_TIMELESS;
  const timeUs = (): number => session.slot(at.ATIS_TIME) + session.slot(at.ATIS_OVERFLOWS) * at.OVERFLOW_US;

  function run(records: number, out: PacketWriter): number {
    session.enter(out.t0);
    const used = kernels.atisDecode(at.INPUT_AT, records, at.OUTPUT_AT, at.STATE_AT);
    session.leave(out);
    return used;
  }

  return {
    decode: (bytes, out) => {
      let used = 0;
      while (used < bytes.length) {
        if (out.count === 0) out.begin(known() ? Math.max(0, timeUs() - SLACK_US) : 0);
        else if (timeUs() < out.t0 || timeUs() - out.t0 > at.MAX_OFFSET) return used;
        const taken = bytes.subarray(used, used + RECORD * at.BLOCK_WORDS - have);
        const records = Math.floor((have + taken.length) / RECORD);
        input.set(part.subarray(0, have));
        input.set(taken, have);
        const done = run(records, out);
        if (done > 0) {
          used += done * RECORD - have;
          have = 0;
        }
        if (session.slot(at.STOP) === at.STOP_FALL) return used;
        if (done === records && bytes.length - used < RECORD - have) {
          part.set(bytes.subarray(used), have);
          have += bytes.length - used;
          used = bytes.length;
        }
      }
      return used;
    },
    state: () => ({
      overflows: session.slot(at.ATIS_OVERFLOWS),
      time: session.slot(at.ATIS_TIME),
      have,
      ...Object.fromEntries(Array.from(part.subarray(0, have), (byte, i) => [`byte${i}`, byte])),
    }),
    time: () => (known() ? timeUs() : undefined),
    triggers: () => [],
    dropped: () => session.dropped(),
    pending: () => have,
  };
}
