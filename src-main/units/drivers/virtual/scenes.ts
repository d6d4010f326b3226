import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { AppError } from "#shared/api/errors.ts";
import { defaultsOf } from "#shared/units/params.ts";
import { PacketCursor } from "#main/lib/packet-cursor.ts";
import { createHandsScene, handsSensor } from "#main/simulation/hands/hands-scene.ts";
import { resize } from "#main/simulation/input/light.ts";
import { readPicture } from "#main/simulation/input/pictures.ts";
import { modelParams } from "#main/simulation/model-params.ts";
import { createSaccadeScene } from "#main/simulation/saccade-scene.ts";
import type { SceneSource } from "#main/simulation/simulation.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";

/** What a virtual camera looks at. Times are µs from 0 on and never fall. */
export interface VirtualScene {
  readonly sensor: Sensor;
  /** What it is made of, for sidecars. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Appends the events of `[where it was, untilUs)`. */
  next(untilUs: number, out: PacketWriter): void | Promise<void>;
  /** Changes what is shown, where that is possible. */
  show?(what: string): void;
  truth?(): string;
  close(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** A drawn hand. */
export function handsScene(show: string, seed: number): VirtualScene {
  const scene = createHandsScene({ sensor: handsSensor, params: { show, seed } });
  return {
    sensor: scene.sensor,
    metadata: { scene: "drawn hand", seed: String(seed) },
    next: (untilUs, out) => scene.next(untilUs, out),
    show: (what) => scene.show(what as Parameters<typeof scene.show>[0]),
    truth: () => scene.current().label,
    close: nothing,
  };
}

/** Largest side of a moving picture's sensor: more would not run in real time on one core. */
const MAX_PICTURE_SIDE = 320;
/** Light of the darkest paint as a share of the brightest. */
const BLACK_LEVEL = 0.05;
const SACCADE_US = 100_000;
/** The eye moves along about a twelfth of the picture, as in N-MNIST (3 of 34 pixels). */
const AMPLITUDE_SHARE = 1 / 12;

/** A picture along endless saccades. @throws AppError when it cannot be read. */
export async function pictureScene(path: string, seed: number): Promise<VirtualScene> {
  const model = defaultsOf(modelParams);
  const picture = await readPicture(path, BLACK_LEVEL);
  const scale = Math.min(1, MAX_PICTURE_SIDE / Math.max(picture.width, picture.height));
  const sensor = {
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
  const frame = resize(picture, sensor.width, sensor.height);
  const amplitude = Math.max(1, Math.min(sensor.width, sensor.height) * AMPLITUDE_SHARE);
  const newRound = (round: number): SceneSource =>
    createSaccadeScene(frame, { sensor, model, seed: seed + round, saccadeUs: SACCADE_US, amplitude });
  const turnUs = 3 * SACCADE_US;
  const scratch = new PacketWriter();
  let round = 0;
  let scene = newRound(round);
  const append = (untilUs: number, out: PacketWriter): void => {
    scene.next(untilUs - round * turnUs, scratch);
    const packet = scratch.take();
    if (packet.words.length > 0) out.append({ t0: packet.t0 + round * turnUs, words: packet.words });
  };
  return {
    sensor,
    metadata: { scene: "picture along saccades", picture: path, seed: String(seed) },
    next: (untilUs, out) => {
      while ((round + 1) * turnUs <= untilUs) {
        append((round + 1) * turnUs, out);
        round += 1;
        scene = newRound(round);
      }
      append(untilUs, out);
    },
    close: nothing,
  };
}

/** A shorter recording waits before it begins again: one of a single event would fill memory with a million turns a second. */
const MIN_TURN_US = 10_000;

/** A recording on repeat; its clock goes on rising. @throws AppError when it cannot be read or holds nothing. */
export async function recordingScene(path: string): Promise<VirtualScene> {
  const { recording } = await openRecording(path);
  try {
    const { sensor, label } = recording.info;
    if (recording.buildIndex !== undefined && recording.info.range === undefined) {
      for await (const entry of recording.buildIndex(Infinity)) void entry; // the pass makes the range known
    }
    const { range } = recording.info;
    if (range === undefined || range.end <= range.start) {
      throw new AppError("empty", `${path} holds no events to repeat`, { hint: "Choose another recording." });
    }
    const turnUs = Math.max(MIN_TURN_US, range.end - range.start);
    let cursor = new PacketCursor(recording);
    let began = 0;
    const deliver = async (untilUs: number, out: PacketWriter): Promise<void> => {
      await cursor.until(range.start + untilUs - began, (packet) => {
        out.append({ t0: packet.t0 - range.start + began, words: packet.words });
      });
    };
    return {
      sensor,
      metadata: { scene: "recording on repeat", recording: label },
      next: async (untilUs, out) => {
        while (began + turnUs <= untilUs) {
          await deliver(began + turnUs, out);
          await cursor.close();
          began += turnUs;
          cursor = new PacketCursor(recording);
        }
        await deliver(untilUs, out);
      },
      close: async () => {
        await cursor.close();
        await recording.close();
      },
    };
  } catch (error) {
    await recording.close();
    throw error;
  }
}
