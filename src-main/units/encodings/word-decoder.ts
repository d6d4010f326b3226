import { SLACK_US, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Trigger } from "#shared/events/beside.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import * as at from "#main/kernels/layout.ts";
import { eventKernels } from "#main/lib/kernels.ts";
import type { Decoder, DecoderState, Encoding } from "./encoding.ts";
import { BLOCK_BEHIND_STOP, KernelSession } from "./kernel-session.ts";

/** What tells one encoding on the 34-bit clock of EVT 2.0 from another. */
export interface WordEncoding {
  readonly wordBytes: number;
  /** Words of one call at most. */
  readonly blockWords: number;
  /** Runs the kernel over `words` words in the input region; answers the words used. */
  run(session: KernelSession, words: number): number;
}

/** State that survives between calls, by the names it has in an index file. */
const SLOTS = { high: at.EVT2_HIGH, turns: at.EVT2_TURNS, vector: at.EVT4_VECTOR } as const;

/** One turn of the clock, and one step of its time words (µs). */
const TURN_US = 2 ** 34;
const STEP_US = 64;

/** Decoder of EVT 2.0, 2.1 and 4.0: words of fixed size on a clock of 28 bits and six more in each event. */
function createWordDecoder(encoding: WordEncoding, sensor: Sensor, state?: DecoderState): Decoder {
  const { wordBytes, blockWords } = encoding;
  const session = new KernelSession(eventKernels(), sensor);
  const { slots, input } = session;
  slots[SLOTS.high] = -1;
  if (state !== undefined) for (const [name, slot] of Object.entries(SLOTS)) slots[slot] = state[name] ?? slots[slot] ?? 0;
  /** Bytes of a word that is not complete yet. */
  const part = new Uint8Array(wordBytes);
  let have = state?.["have"] ?? 0;
  for (let i = 0; i < have; i += 1) part[i] = state?.[`byte${i}`] ?? 0;
  let found: Trigger[] = [];
  /** Bytes taken by the kernel so far, counted from the first one given to `decode`. */
  let taken = -have;
  let firstReserved: number | undefined;
  /** Words handed over at once: few behind a stop, or data that stops the kernel all the time would be copied over and over. */
  let block = blockWords;

  const known = (): boolean => session.slot(SLOTS.high) >= 0;
  const timeUs = (): number => session.slot(SLOTS.turns) * TURN_US + session.slot(SLOTS.high) * STEP_US;

  function run(words: number, out: PacketWriter): number {
    session.enter(out.t0);
    const used = encoding.run(session, words);
    session.leave(out);
    if (firstReserved === undefined && session.slot(at.EVT2_RESERVED) > 0) {
      firstReserved = taken + wordBytes * session.slot(at.EVT2_FIRST_RESERVED);
    }
    taken += wordBytes * used;
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
        if (out.count === 0) out.begin(known() ? Math.max(0, timeUs() - SLACK_US) : 0);
        else if (timeUs() < out.t0 || timeUs() - out.t0 > at.MAX_OFFSET) return used;
        const next = bytes.subarray(used, used + wordBytes * block - have);
        const words = Math.floor((have + next.length) / wordBytes);
        if (have > 0) input.set(part.subarray(0, have));
        input.set(next, have);
        const done = run(words, out);
        block = done < words ? Math.min(BLOCK_BEHIND_STOP, blockWords) : Math.min(2 * block, blockWords);
        if (done > 0) {
          used += done * wordBytes - have;
          have = 0;
        }
        if (session.slot(at.STOP) === at.STOP_FALL) return used;
        if (done === words && bytes.length - used < wordBytes - have) {
          part.set(bytes.subarray(used), have);
          have += bytes.length - used;
          used = bytes.length;
        }
      }
      return used;
    },
    state: () => ({
      ...Object.fromEntries(Object.entries(SLOTS).map(([name, slot]) => [name, session.slot(slot)])),
      have,
      ...Object.fromEntries(Array.from(part.subarray(0, have), (byte, i) => [`byte${i}`, byte])),
    }),
    time: () => (known() ? timeUs() : undefined),
    triggers: () => {
      const triggers = found;
      found = [];
      return triggers;
    },
    dropped: () => session.dropped(),
    skipped: () =>
      firstReserved === undefined ? undefined : { offset: firstReserved, bytes: wordBytes * session.slot(at.EVT2_RESERVED) },
    pending: () => have,
    resync: () => {
      have = 0;
      slots[SLOTS.vector] = 0;
    },
  };
}

/** The decoders of an encoding. */
export const decodersOf =
  (encoding: WordEncoding): Encoding["createDecoder"] =>
  (sensor, state) =>
    createWordDecoder(encoding, sensor, state);

/** Words, as 32-bit numbers, that bring a fresh decoder to a state whose time word is `high`; none before the first time. */
export const preambleOf =
  (words: (high: number, state: DecoderState) => readonly number[]) =>
  (state: DecoderState): Uint8Array => {
    const { high = -1 } = state;
    return new Uint8Array(high < 0 ? new ArrayBuffer(0) : Uint32Array.from(words(high, state)).buffer);
  };
