import { SLACK_US, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Trigger } from "#shared/events/beside.ts";
import * as at from "#main/kernels/layout.ts";
import { eventKernels } from "#main/lib/kernels.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { KernelSession } from "../kernel-session.ts";

/** State that survives between calls, by the names it has in an index file. */
const SLOTS = {
  high: at.EVT3_HIGH,
  low: at.EVT3_LOW,
  wraps: at.EVT3_WRAPS,
  row: at.EVT3_ROW,
  vectorX: at.EVT3_VECTOR_X,
  vectorP: at.EVT3_VECTOR_P,
} as const;

/** Word types that mean nothing: 0x9999 is padding of some cameras. */
const isReserved = (type: number): boolean => type === 1 || type === 9 || type === 11 || type === 12;

/** Decoder of EVT 3.0 by the rules of the vendor's decoder in its robust mode: words one by one, all types accepted. */
export function createEvt3Decoder(sensor: Sensor, state?: DecoderState): Decoder {
  const kernels = eventKernels();
  const session = new KernelSession(kernels, sensor);
  const { slots, input } = session;
  slots[SLOTS.high] = -1;
  slots[SLOTS.row] = at.ROW_UNKNOWN;
  if (state !== undefined) for (const [name, slot] of Object.entries(SLOTS)) slots[slot] = state[name] ?? slots[slot] ?? 0;
  /** First byte of a word whose second has not come yet, or -1. */
  let half = state?.["half"] ?? -1;
  let found: Trigger[] = [];
  /** Bytes taken by the kernel so far, and where among them the first word without a meaning lies. */
  let taken = 0;
  let firstReserved = -1;

  const timeUs = (): number =>
    session.slot(SLOTS.wraps) * 0x100_0000 + session.slot(SLOTS.high) * 0x1000 + session.slot(SLOTS.low);

  /** Runs the kernel over `words` words that lie in the input region; answers the words used. */
  function run(words: number, out: PacketWriter): number {
    session.enter(out.t0);
    const used = kernels.evt3Decode(at.INPUT_AT, words, at.OUTPUT_AT, at.TRIGGERS_AT, at.STATE_AT);
    session.leave(out);
    if (firstReserved < 0 && session.slot(at.EVT3_RESERVED) > 0) {
      for (let i = 0; i < used && firstReserved < 0; i += 1)
        if (isReserved(input[2 * i + 1]! >>> 4)) firstReserved = taken + 2 * i;
    }
    taken += 2 * used;
    const triggers = session.slot(at.TRIGGERS);
    for (let i = 0; i < triggers; i += 1) {
      const info = session.triggerWord(2 * i + 1);
      found.push({ t: out.t0 + session.triggerWord(2 * i), channel: info >>> 1, value: info & 1 });
    }
    return used;
  }

  return {
    decode: (bytes, out) => {
      let used = 0;
      while (used < bytes.length) {
        if (out.count === 0) out.begin(session.slot(SLOTS.high) < 0 ? 0 : Math.max(0, timeUs() - SLACK_US));
        else if (timeUs() < out.t0 || timeUs() - out.t0 > at.MAX_OFFSET) return used;
        const waiting = half < 0 ? 0 : 1;
        const next = bytes.subarray(used, used + 2 * at.BLOCK_WORDS - waiting);
        const words = (next.length + waiting) >>> 1;
        if (waiting === 1) input[0] = half;
        input.set(next, waiting);
        const done = run(words, out);
        if (done > 0) half = -1;
        used += Math.max(0, 2 * done - waiting);
        if (session.slot(at.STOP) === at.STOP_FALL) return used;
        if (done === words && used === bytes.length - 1) {
          half = bytes[used] ?? 0;
          used += 1;
        }
      }
      return used;
    },
    state: () => ({
      ...Object.fromEntries(Object.entries(SLOTS).map(([name, slot]) => [name, session.slot(slot)])),
      half,
    }),
    time: () => (session.slot(SLOTS.high) < 0 ? undefined : timeUs()),
    triggers: () => {
      const triggers = found;
      found = [];
      return triggers;
    },
    dropped: () => session.dropped(),
    skipped: () =>
      firstReserved < 0
        ? undefined
        : {
            offset: firstReserved - (state?.["half"] === undefined || state["half"] < 0 ? 0 : 1),
            bytes: 2 * session.slot(at.EVT3_RESERVED),
          },
    pending: () => (half < 0 ? 0 : 1),
    resync: () => {
      half = -1;
      slots[SLOTS.row] = at.ROW_UNKNOWN;
    },
  };
}
