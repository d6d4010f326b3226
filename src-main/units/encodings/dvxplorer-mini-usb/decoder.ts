import { baseFor, type PacketWriter } from "#shared/events/packet-writer.ts";
import { CLOCK_RESET_CHANNEL, type ImuSample, type Trigger } from "#shared/events/beside.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { bmi160, sampleOf } from "../inivation/readings.ts";
import { MAX_OFFSET, WordReader } from "../inivation/word-reader.ts";
import { READING_MARK, READING_WORDS } from "./reading-mark.ts";

const ON = 0x1000_0000;
const NOT_YET = -1;
/** Range of the reference time (22 bits), ms. */
const TURN_MS = 1 << 22;
const ALL_GROUPS = 7;

/**
 * Decoder of the 32-bit words of the boards with a CX3. Only a column that begins a readout sets the time: milliseconds of the last
 * reference and its own microseconds. When those do not grow while the reference stays, a reference was lost, and events are left out
 * until the next one. When the camera sets its clock back, that of the stream goes on and a trigger tells when it was.
 * @param state may begin with `imuReversed`: 1 when readings come as z, y, x (firmware before 10).
 */
export function createMiniDecoder(sensor: Sensor, state: DecoderState = {}): Decoder {
  const { imuReversed = 0 } = state;
  const reader = new WordReader(4, state);
  const block = new Uint32Array(reader.memory);
  const reading = new Uint32Array(READING_WORDS);
  const bytes = new DataView(reading.buffer);
  const scale = bmi160(imuReversed === 1 ? [2, 1, 0] : [0, 1, 2]);
  const { width, height } = sensor;
  let time = state["time"] ?? NOT_YET;
  /** Reference as sent, stream time of its zero, and the microseconds of the last readout since. */
  let reference = state["reference"] ?? NOT_YET;
  let baseMs = state["baseMs"] ?? 0;
  let sub = state["sub"] ?? NOT_YET;
  let lost = state["lost"] === 1;
  let column = state["column"] ?? NOT_YET;
  /** Words of an inertial reading so far; -1 outside. */
  let have = Math.min(READING_WORDS - 1, state["imu"] ?? NOT_YET);
  for (let i = 0; i < have; i += 1) reading[i] = state[`imu${i}`] ?? 0;
  let samples: ImuSample[] = [];
  let triggers: Trigger[] = [];
  let early = 0;
  let outside = 0;
  let untimed = 0;
  let foreign = 0;
  let incomplete = 0;

  const addReference = (value: number): void => {
    if (value < reference && reference - value > TURN_MS / 2) baseMs += TURN_MS;
    else if (value < reference && time !== NOT_YET) {
      baseMs = Math.floor(time / 1000) + 1 - value;
      triggers.push({ t: time, channel: CLOCK_RESET_CHANNEL, value: 1 });
    }
    if (value !== reference) sub = NOT_YET;
    reference = value;
    lost = false;
  };
  const beginReadout = (value: number): void => {
    if (value <= sub) lost = true;
    if (reference === NOT_YET || lost) return;
    sub = value;
    time = (baseMs + reference) * 1000 + value;
  };
  const endReading = (): void => {
    have = NOT_YET;
    const settings = bytes.getUint8(1);
    const at = (index: number): number => bytes.getInt16(2 + 2 * index, true);
    if (time === NOT_YET) {
      early += 1;
      return;
    }
    if (bytes.getUint8(0) !== 1 || settings >> 5 !== ALL_GROUPS) {
      incomplete += 1;
      return;
    }
    const raw = { rotation: [at(0), at(1), at(2)], acceleration: [at(3), at(4), at(5)], temperature: at(6) };
    samples.push(sampleOf(time, settings, raw, scale));
  };

  function run(count: number, out: PacketWriter): number {
    const words = out.reserve(16 * count);
    let length = out.length;
    let t0 = out.t0;
    let i = 0;
    for (; i < count; i += 1) {
      const word = block[i]!;
      if (have !== NOT_YET) {
        reading[have] = word;
        have += 1;
        if (have === READING_WORDS) endReading();
      } else if (word >= 0x8000_0000) {
        if (time === NOT_YET || column === NOT_YET) {
          early += 1;
          continue;
        }
        if (lost) {
          untimed += 1;
          continue;
        }
        if (length === 0) {
          out.begin(baseFor(time));
          t0 = out.t0;
        } else if (time - t0 > MAX_OFFSET) break;
        const offset = time - t0;
        const group1 = (word >>> 18) & 0x3f;
        // Both groups as one row of 16 bits, the lower half being the first.
        for (let bits = word & 0xffff; bits !== 0; bits &= bits - 1) {
          const bit = 31 - Math.clz32(bits & -bits);
          const second = bit > 7;
          const y = 8 * (second ? group1 + ((word >>> 26) & 0x1f) : group1) + (bit & 7);
          if (y >= height || column >= width) {
            outside += 1;
            continue;
          }
          words[length] = offset;
          words[length + 1] = ((word >>> (second ? 17 : 16)) & 1 ? 0 : ON) | (y << 14) | column;
          length += 2;
        }
      } else if ((word & 0x0800_0000) !== 0) addReference(word & 0x3f_ffff);
      else if ((word & 0x0400_0000) !== 0) {
        column = word & 0x3ff;
        if ((word & 0x20_0000) !== 0) beginReadout((word >>> 11) & 0x3ff);
      } else if (word === READING_MARK) have = 0;
      else if (word !== 0) foreign += 1;
    }
    out.commit(length);
    return i;
  }

  return {
    decode: (chunk, out) => reader.decode(chunk, out, run),
    state: () => ({
      ...{ imuReversed, time, reference, baseMs, sub, column, lost: lost ? 1 : 0, imu: have },
      ...Object.fromEntries(Array.from(reading.subarray(0, Math.max(0, have)), (word, i) => [`imu${i}`, word])),
      ...reader.state(),
    }),
    time: () => (time === NOT_YET ? undefined : time),
    triggers: () => {
      if (triggers.length === 0) return triggers;
      const found = triggers;
      triggers = [];
      return found;
    },
    imu: () => {
      if (samples.length === 0) return samples;
      const found = samples;
      samples = [];
      return found;
    },
    dropped: () => {
      const counts = [
        ["before the first time", early],
        ["beyond the sensor", outside],
        ["groups without a time reference", untimed],
        ["words of no known kind", foreign],
        ["incomplete inertial readings", incomplete],
      ] as const;
      return Object.fromEntries(counts.filter(([, found]) => found > 0));
    },
    pending: () => reader.pending,
    resync: () => {
      reader.forget();
      column = NOT_YET;
      if (have !== NOT_YET) incomplete += 1;
      have = NOT_YET;
    },
  };
}
