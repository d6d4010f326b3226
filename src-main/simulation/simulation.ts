import type { EventPacket } from "#shared/events/packet.ts";
import type { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor, StreamInfo } from "#shared/events/sensor.ts";

/*
 * What the simulator offers, as types. The makers live beside this file:
 *   createHandsScene({ sensor, params })   hands/hands-scene.ts   drawn hands, live (params: handsParams)
 *   createSaccadeScene(picture, options)   saccade-scene.ts       one picture moved as in N-MNIST
 *   createFramesScene(frames, options)     frames-scene.ts        frames of a film in memory
 *   simulateInput(input, params, signal)   simulate-input.ts      picture, folder or film to named streams of events
 *                                                                 (params: simulateParams in simulate-params.ts)
 *   modelParams                            model-params.ts        the pixels themselves
 */

/** Something that makes events as time passes. Times are µs and begin at 0; the same seed gives the same events. */
export interface SceneSource {
  readonly sensor: Sensor;
  /**
   * Appends every event of `[current, untilUs)`, times rising, and moves on to `untilUs`. An `untilUs` that is not
   * later than the current time appends nothing. The caller takes the writer's packets at least once an hour of
   * scene time (see MAX_PACKET_SPAN_US); a scene never calls `take`.
   */
  next(untilUs: number, out: PacketWriter): void;
  /** Where the scene ends, µs; absent when it never does. Beyond it only the sensor's noise goes on. */
  readonly endUs?: number;
}

/** The classes the drawn hand can show. */
export const gestures = ["rock", "paper", "scissors", "point", "thumb"] as const;
export type Gesture = (typeof gestures)[number];

/** What a scene shows at one moment. */
export interface SceneLabel {
  /** A gesture, `"rest"` while the hand is away, or `"between"` while it changes from one gesture to the next. */
  readonly label: Gesture | "rest" | "between";
  /** Since when, µs. */
  readonly sinceUs: number;
}

/** A scene that knows what it shows. */
export interface LabelledScene extends SceneSource {
  /** What is shown at the time reached by `next`. */
  current(): SceneLabel;
  /** Shows this from now on; the hand changes over as a person would. */
  show(what: Gesture | "in turn" | "random" | "rest"): void;
}

/** Linear gray picture: `light[y * width + x]` is proportional to the light that falls on the pixel, in (0, 1]. */
export interface LightFrame {
  readonly width: number;
  readonly height: number;
  readonly light: Float32Array;
}

/** One stream that the simulator has made from an input, to be written by whoever called. */
export interface SimulatedStream {
  readonly info: StreamInfo;
  /** Path below the output without an extension, e.g. `rock/003`; a single stream is called as its input. */
  readonly name: string;
  /** What it was made from and how, for the sidecar: `generated: "true"` and the parameters. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Read once, in order; packets are lent until the next one. */
  readonly packets: () => AsyncIterable<EventPacket>;
}
