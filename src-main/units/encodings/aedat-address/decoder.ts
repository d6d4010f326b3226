import type { Trigger } from "#shared/events/beside.ts";
import { baseFor, SLACK_US, type PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder, DecoderState } from "../encoding.ts";
import { FrameWords } from "./frames.ts";
import { InertialWords } from "./inertial.ts";

/** Longest offset from a packet's base, µs. */
const MAX_OFFSET = 0x7fff_ffff;
const TURN = 0x1_0000_0000;
const ALL_CAMERAS = -1;

/** How an address is laid out: that of the DVS128, in two or four bytes, or that of the DAVIS family. */
export interface AddressLayout {
  readonly family: "dvs128" | "davis";
  readonly addressBytes: 2 | 4;
}

/**
 * Decoder of big-endian records of an address and a 32-bit time. The time is taken as unsigned and its turns are counted: a fall
 * by more than half its range is one. Coordinates are as stored, polarity is 1 = ON.
 *
 * A copied state goes on inside an inertial reading, but not inside a frame, which is too large to copy.
 * @param state may begin with `time`, and with `camera` (bits 3-0 of a DAVIS address) to take one of several.
 */
export function createAddressDecoder(layout: AddressLayout, sensor: Sensor, state?: DecoderState): Decoder {
  const { addressBytes } = layout;
  const recordBytes = addressBytes + 4;
  const davis = layout.family === "davis";
  const { width, height } = sensor;
  const camera = state?.["camera"] ?? ALL_CAMERAS;
  /** Times of the words so far, turns included; -1 before the first one. */
  let time = state?.["time"] ?? -1;
  const turns = state?.["turns"] ?? 0;
  const part = new Uint8Array(recordBytes);
  let have = state?.["have"] ?? 0;
  for (let i = 0; i < have; i += 1) part[i] = state?.[`byte${i}`] ?? 0;
  const inertial = new InertialWords(state);
  const frames = new FrameWords(sensor);
  let triggers: Trigger[] = [];
  let outside = 0;
  let foreign = 0;
  let otherCamera = 0;
  /** Time of the last event of the packet being written. */
  let previous = 0;

  /** Whole records from `bytes`; answers how many were used before one did not fit the packet. */
  function run(bytes: Uint8Array, from: number, records: number, out: PacketWriter): number {
    const words = out.reserve(records);
    let length = out.length;
    let t0 = out.t0;
    let open = length > 0;
    let t = time;
    let at = from;
    let done = 0;
    for (; done < records; done += 1, at += recordBytes) {
      const address =
        addressBytes === 4
          ? (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
          : (bytes[at]! << 8) | bytes[at + 1]!;
      const time32 =
        (bytes[at + recordBytes - 4]! << 24) |
        (bytes[at + recordBytes - 3]! << 16) |
        (bytes[at + recordBytes - 2]! << 8) |
        bytes[at + recordBytes - 1]!;
      let next: number;
      if (t < 0) next = (time32 >>> 0) + turns * TURN;
      else {
        next = t + ((time32 - t) | 0);
        if (next < 0) next += TURN;
      }
      let x: number;
      let y: number;
      let on: number;
      if (davis) {
        if (address < 0) {
          t = next;
          const kind = address & 0xc00;
          if (kind === 0xc00) inertial.add(address, t);
          else if (kind === 0x800) foreign += 1;
          else frames.add(address, t);
          continue;
        }
        if (camera !== ALL_CAMERAS && (address & 0xf) !== camera) {
          t = next;
          otherCamera += 1;
          continue;
        }
        if ((address & 0x400) !== 0) {
          t = next;
          triggers.push({ t, channel: 0, value: (address & 7) === 2 ? 0 : 1 });
          continue;
        }
        y = (address >>> 22) & 0x1ff;
        x = (address >>> 12) & 0x3ff;
        on = (address << 17) & 0x1000_0000;
      } else {
        if (address >>> 15 !== 0) {
          t = next;
          if (address >>> 16 !== 0) foreign += 1;
          else triggers.push({ t, channel: 0, value: address === 0x8001 ? 0 : 1 });
          continue;
        }
        y = address >>> 8;
        x = (address >>> 1) & 0x7f;
        on = (~address & 1) << 28;
      }
      if (x >= width || y >= height) {
        t = next;
        outside += 1;
        continue;
      }
      if (!open) {
        out.begin(baseFor(next));
        t0 = out.t0;
        open = true;
      } else if (next < t0 || next - t0 > MAX_OFFSET || previous - next > SLACK_US) break;
      t = next;
      previous = next;
      words[length] = next - t0;
      words[length + 1] = on | (y << 14) | x;
      length += 2;
    }
    out.commit(length);
    time = t;
    return done;
  }

  return {
    decode: (bytes, out) => {
      let used = 0;
      if (have > 0) {
        const more = Math.min(recordBytes - have, bytes.length);
        part.set(bytes.subarray(0, more), have);
        if (have + more < recordBytes) {
          have += more;
          return more;
        }
        if (run(part, 0, 1, out) === 0) return 0;
        have = 0;
        used = more;
      }
      const records = Math.floor((bytes.length - used) / recordBytes);
      const done = run(bytes, used, records, out);
      used += done * recordBytes;
      if (done < records) return used;
      part.set(bytes.subarray(used));
      have = bytes.length - used;
      return bytes.length;
    },
    state: () => ({
      time,
      turns,
      have,
      ...(camera === ALL_CAMERAS ? {} : { camera }),
      ...Object.fromEntries(Array.from(part.subarray(0, have), (byte, i) => [`byte${i}`, byte])),
      ...inertial.state(),
    }),
    time: () => (time < 0 ? undefined : time),
    triggers: () => {
      if (triggers.length === 0) return triggers;
      const found = triggers;
      triggers = [];
      return found;
    },
    imu: () => inertial.take(),
    frames: () => frames.take(),
    dropped: () => {
      const counts = [
        ["beyond the sensor", outside],
        ["words of no known kind", foreign],
        ["of another camera", otherCamera],
        ["incomplete frames", frames.incomplete],
        ["pixels of frames beyond the sensor", frames.outside],
        ["incomplete inertial readings", inertial.incomplete],
      ] as const;
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
    pending: () => have,
  };
}
