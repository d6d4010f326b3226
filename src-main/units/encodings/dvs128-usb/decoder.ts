import { baseFor, type PacketWriter } from "#shared/events/packet-writer.ts";
import { CLOCK_RESET_CHANNEL, type Trigger } from "#shared/events/beside.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { MAX_OFFSET, WordReader } from "../inivation/word-reader.ts";

const ON = 0x1000_0000;
const NOT_YET = -1;
const TURN_US = 0x4000;
/** Largest coordinate of the array; both axes are counted from the other end. */
const LAST = 127;

/**
 * Decoder of the DVS128's words, little-endian: address in the lower half, time in the upper one, whose highest bits mark a turn of the
 * clock and a clock set back. In that case the stream's clock goes on and a trigger tells when it was.
 */
export function createDvs128Decoder({ width, height }: Sensor, state: DecoderState = {}): Decoder {
  const reader = new WordReader(4, state);
  const block = new Uint32Array(reader.memory);
  let base = state["base"] ?? 0;
  let time = state["time"] ?? NOT_YET;
  let triggers: Trigger[] = [];
  let outside = 0;

  function run(count: number, out: PacketWriter): number {
    const words = out.reserve(count);
    let length = out.length;
    let t0 = out.t0;
    let t = time;
    let i = 0;
    for (; i < count; i += 1) {
      const word = block[i]!;
      if (word >= 0x4000_0000) {
        if (word >= 0x8000_0000) {
          base += TURN_US;
          t = base;
          continue;
        }
        base = Math.max(0, t);
        if (t !== NOT_YET) triggers.push({ t, channel: CLOCK_RESET_CHANNEL, value: 1 });
        t = base;
        continue;
      }
      const next = base + (word >>> 16);
      if ((word & 0x8000) !== 0) {
        t = next;
        triggers.push({ t, channel: 0, value: 1 });
        continue;
      }
      const x = LAST - ((word >>> 1) & LAST);
      const y = LAST - ((word >>> 8) & LAST);
      if (x >= width || y >= height) {
        t = next;
        outside += 1;
        continue;
      }
      if (length === 0) {
        out.begin(baseFor(next));
        t0 = out.t0;
      } else if (next - t0 > MAX_OFFSET) break;
      t = next;
      words[length] = t - t0;
      words[length + 1] = ((word & 1) === 0 ? ON : 0) | (y << 14) | x;
      length += 2;
    }
    out.commit(length);
    time = t;
    return i;
  }

  return {
    decode: (bytes, out) => reader.decode(bytes, out, run),
    state: () => ({ base, time, ...reader.state() }),
    time: () => (time === NOT_YET ? undefined : time),
    triggers: () => {
      if (triggers.length === 0) return triggers;
      const found = triggers;
      triggers = [];
      return found;
    },
    dropped: () => (outside > 0 ? { "beyond the sensor": outside } : {}),
    pending: () => reader.pending,
    resync: () => reader.forget(),
  };
}
