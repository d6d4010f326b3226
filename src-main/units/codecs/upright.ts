import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor, StreamInfo } from "#shared/events/sensor.ts";
import type { OpenRecording, Orientation } from "./codec.ts";
import type { Answers } from "./reading.ts";

const TURNS = ["flipX", "flipY", "swapXY", "invertP"] as const;

/** What the format says, corrected by what the user said. */
export function orientationWith(own: Orientation, answers: Answers): Orientation {
  const chosen = (name: (typeof TURNS)[number]): boolean => {
    const answer = answers[name];
    return answer === undefined || answer === "auto" ? own[name] : answer === "yes";
  };
  return {
    flipX: chosen("flipX"),
    flipY: chosen("flipY"),
    swapXY: chosen("swapXY"),
    invertP: chosen("invertP"),
    ...(own.oneBased === true ? { oneBased: true } : {}),
  };
}

/** Size of the picture after the turns. */
export const turnedSensor = ({ width, height }: Sensor, { swapXY }: Orientation): Sensor =>
  swapXY ? { width: height, height: width } : { width, height };

/** A function that turns packets; what it gives is lent until the next call. */
export function turner(sensor: Sensor, orientation: Orientation): (packet: EventPacket) => EventPacket {
  const { flipX, flipY, swapXY, invertP } = orientation;
  const { width, height } = turnedSensor(sensor, orientation);
  const [lastX, lastY, polarity] = [width - 1, height - 1, invertP ? 1 << 28 : 0];
  let turned = new Uint32Array(0);
  return (packet) => {
    const { words } = packet;
    const { length } = words;
    if (turned.length < length) turned = new Uint32Array(2 * length);
    const out = turned;
    for (let i = 0; i < length; i += 2) {
      const word = words[i + 1]!;
      let x = word & 0x3fff;
      let y = (word >>> 14) & 0x3fff;
      if (swapXY) [x, y] = [y, x];
      if (flipX) x = lastX - x;
      if (flipY) y = lastY - y;
      out[i] = words[i]!;
      out[i + 1] = ((word & 0x1000_0000) ^ polarity) | (y << 14) | x;
    }
    return { ...packet, words: out.subarray(0, length) };
  };
}

const same = (a: Orientation, b: Orientation): boolean => TURNS.every((name) => a[name] === b[name]);

/** The same recording behind other statements about itself. */
function delegate(
  recording: OpenRecording,
  changes: { readonly orientation: Orientation; readonly sensor?: Sensor; readonly read?: OpenRecording["read"] },
): OpenRecording {
  return {
    get info(): StreamInfo {
      return changes.sensor === undefined ? recording.info : { ...recording.info, sensor: changes.sensor };
    },
    encoding: recording.encoding,
    metadata: recording.metadata,
    orientation: changes.orientation,
    ...(recording.guesses === undefined ? {} : { guesses: recording.guesses }),
    read: changes.read ?? ((options) => recording.read(options)),
    useIndex: (entries) => recording.useIndex?.(entries),
    ...(recording.buildIndex === undefined ? {} : { buildIndex: recording.buildIndex.bind(recording) }),
    ...(recording.progress === undefined ? {} : { progress: () => recording.progress?.() ?? 0 }),
    report: () => recording.report(),
    close: () => recording.close(),
  };
}

/** The recording with another statement of how it is stored. */
export const withOrientation = (recording: OpenRecording, orientation: Orientation): OpenRecording =>
  same(recording.orientation, orientation) ? recording : delegate(recording, { orientation });

/** The recording with coordinates as they lie in a file that counts from 1. */
export function countedFromOne(recording: OpenRecording): OpenRecording {
  if (recording.orientation.oneBased !== true) return recording;
  return delegate(recording, {
    orientation: recording.orientation,
    read: async function* (options) {
      let moved = new Uint32Array(0);
      for await (const packet of recording.read(options)) {
        const { words } = packet;
        if (moved.length < words.length) moved = new Uint32Array(2 * words.length);
        for (let i = 0; i < words.length; i += 2) {
          moved[i] = words[i]!;
          moved[i + 1] = words[i + 1]! + (1 << 14) + 1;
        }
        yield { ...packet, words: moved.subarray(0, words.length) };
      }
    },
  });
}

/** The recording with origin top left and 1 = ON; itself when nothing has to be turned. */
export function upright(recording: OpenRecording): OpenRecording {
  const { orientation, info } = recording;
  if (!TURNS.some((name) => orientation[name])) return recording;
  return delegate(recording, {
    orientation: { flipX: false, flipY: false, swapXY: false, invertP: false },
    sensor: turnedSensor(info.sensor, orientation),
    read: async function* (options) {
      const turn = turner(info.sensor, orientation); // one for each read: what it gives is lent
      for await (const packet of recording.read(options)) yield turn(packet);
    },
  });
}
