import { baseFor, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { DavisFrames } from "./davis-frames.ts";
import { Fx3Beside, SPECIAL_RESET } from "./fx3-beside.ts";
import { bmi160, mpu, ReadingWords } from "./readings.ts";
import { MAX_OFFSET, WordReader } from "./word-reader.ts";

/** Range of the time in a time word (15 bits), µs. */
const TURN_US = 0x8000;
const ON = 0x1000_0000;
const NOT_YET = -1;

/**
 * Decoder of the 16-bit words of the boards with an FX3: single pixels of the DAVIS family, groups of eight of the DVXplorer.
 * Bit 15 marks a time; else bits 14-12 are the kind and bits 11-0 its data. When the camera sets its clock back, that of the stream
 * goes on and a trigger tells when it was.
 *
 * A copied state goes on inside an inertial reading, but not inside a frame, which is too large to copy.
 * @param state may begin with what the camera says of itself: `dvsOrientation`, `apsOrientation`, `imuOrientation`, `imuType`.
 */
export function createFx3Decoder(family: "davis" | "dvxplorer", sensor: Sensor, state: DecoderState = {}): Decoder {
  const { dvsOrientation = 0, apsOrientation = 0, imuOrientation = 0, imuType = 2 } = state;
  const reader = new WordReader(2, state);
  const block = new Uint16Array(reader.memory);
  const davis = family === "davis";
  const scale = davis ? mpu(imuType) : bmi160([1, 0, 2]);
  const frames = davis ? new DavisFrames(sensor, apsOrientation) : undefined;
  const beside = new Fx3Beside(new ReadingWords(scale, imuOrientation, state), frames);
  const { width, height } = sensor;
  const swap = (dvsOrientation & 4) !== 0;
  /** Stream time at the last turn of the camera's clock, and now. */
  let base = state["base"] ?? 0;
  let time = state["time"] ?? NOT_YET;
  /** DAVIS: the row. DVXplorer: the column, and both groups of rows. */
  let line = state["line"] ?? NOT_YET;
  let group1 = state["group1"] ?? NOT_YET;
  let group2 = state["group2"] ?? NOT_YET;
  let outside = 0;
  let early = 0;

  /** Sets the clock by words that are not a plain time. */
  const special = (code: number): void => {
    if (code === SPECIAL_RESET) {
      base = Math.max(0, time);
      if (time !== NOT_YET) beside.special(code, time);
      time = base;
    } else if (time === NOT_YET) early += 1;
    else beside.special(code, time);
  };

  function runDavis(count: number, out: PacketWriter): number {
    const words = out.reserve(count);
    let length = out.length;
    let t0 = out.t0;
    let t = time;
    let row = line;
    let i = 0;
    for (; i < count; i += 1) {
      const word = block[i]!;
      if (word >= 0x8000) {
        t = base + (word & 0x7fff);
        continue;
      }
      const data = word & 0xfff;
      const kind = word >>> 12;
      if (kind === 1) row = data;
      else if (kind === 2 || kind === 3) {
        if (t === NOT_YET || row === NOT_YET) {
          early += 1;
          continue;
        }
        const x = swap ? row : data;
        const y = swap ? data : row;
        if (x >= width || y >= height) {
          outside += 1;
          continue;
        }
        if (length === 0) {
          out.begin(baseFor(t));
          t0 = out.t0;
        } else if (t - t0 > MAX_OFFSET) break;
        words[length] = t - t0;
        words[length + 1] = (kind === 3 ? ON : 0) | (y << 14) | x;
        length += 2;
      } else if (kind === 4) frames?.sample(data & 0x3ff);
      else {
        time = t;
        rare(kind, data);
        t = time;
      }
    }
    out.commit(length);
    time = t;
    line = row;
    return i;
  }

  function runDvxplorer(count: number, out: PacketWriter): number {
    const words = out.reserve(8 * count);
    let length = out.length;
    let t0 = out.t0;
    let t = time;
    let column = line;
    let i = 0;
    for (; i < count; i += 1) {
      const word = block[i]!;
      if (word >= 0x8000) {
        t = base + (word & 0x7fff);
        continue;
      }
      const data = word & 0xfff;
      const kind = word >>> 12;
      if (kind === 2 || kind === 3) {
        const group = kind === 3 ? group1 : group2;
        if (t === NOT_YET || column === NOT_YET || group === NOT_YET) {
          early += 1;
          continue;
        }
        if (length === 0) {
          out.begin(baseFor(t));
          t0 = out.t0;
        } else if (t - t0 > MAX_OFFSET) break;
        const offset = t - t0;
        const on = (data & 0x100) === 0 ? ON : 0;
        for (let bits = data & 0xff; bits !== 0; bits &= bits - 1) {
          const pixel = 8 * group + 31 - Math.clz32(bits & -bits);
          const x = swap ? pixel : column;
          const y = swap ? column : pixel;
          if (x >= width || y >= height || pixel < 0) {
            outside += 1;
            continue;
          }
          words[length] = offset;
          words[length + 1] = on | (y << 14) | x;
          length += 2;
        }
      } else if (kind === 4) {
        const distance = (data >>> 6) & 0x1f;
        group1 = data & 0x3f;
        group2 = (data & 0x800) === 0 ? group1 + distance : group1 - distance;
      } else if (kind === 1) column = data & 0x3ff;
      else {
        time = t;
        rare(kind, data);
        t = time;
      }
    }
    out.commit(length);
    time = t;
    line = column;
    return i;
  }

  function rare(kind: number, data: number): void {
    if (kind === 0) special(data);
    else if (kind === 5) beside.byte(data);
    else if (kind === 7) {
      base += data * TURN_US;
      time = base;
    } else if (kind !== 6 || !davis) beside.foreign += 1; // 6: the exposure in clock cycles; its start and end are told as well
  }

  const run = davis ? runDavis : runDvxplorer;
  return {
    decode: (bytes, out) => reader.decode(bytes, out, run),
    state: () => ({
      ...{ dvsOrientation, apsOrientation, imuOrientation, imuType },
      ...{ base, time, line, group1, group2 },
      ...reader.state(),
      ...beside.readings.state(),
    }),
    time: () => (time === NOT_YET ? undefined : time),
    triggers: () => beside.triggers(),
    imu: () => beside.readings.take(),
    ...(frames === undefined ? {} : { frames: () => frames.take() }),
    dropped: () => {
      const counts = [
        ["before the first time", early],
        ["beyond the sensor", outside],
        ["words of no known kind", beside.foreign],
        ["incomplete inertial readings", beside.readings.incomplete],
        ["incomplete frames", frames?.incomplete ?? 0],
      ] as const;
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
    pending: () => reader.pending,
    resync: () => {
      reader.forget();
      beside.forget();
      line = group1 = group2 = NOT_YET;
    },
  };
}
