import type { Sensor } from "../events/sensor.ts";

/*
 * The demo project as it ships: `assets/demo/demo.json` has the type DemoManifest. Every path in it is relative to
 * the folder of the manifest and uses forward slashes. Everything it names was made by a program, not by a camera.
 */

/** Name of the manifest inside the demo folder. */
export const DEMO_FILE = "demo.json";
/** Grows when a reader of the older schema could not understand the newer one. */
export const DEMO_VERSION = 1;

/** A span of a demo recording. Times are µs on the recording's clock, half-open. */
export type DemoSegment = {
  readonly start: number;
  readonly end: number;
  /** Name of a class of the manifest; absent: left for the user to label. */
  readonly class?: string;
  readonly subject?: string;
  readonly condition?: string;
};

/** An event file of the demo and what is known about it. */
export type DemoRecording = {
  readonly path: string;
  /** Shown in the library. */
  readonly name: string;
  /** "clip": one segment that covers it, or none (unlabelled). "stream": a long one with segments, or without. */
  readonly kind: "clip" | "stream";
  readonly sensor: Sensor;
  readonly range: { readonly start: number; readonly end: number };
  readonly events: number;
  readonly on: number;
  readonly bytes: number;
  readonly generated: true;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the library starts with. Labelled clips: one segment; unlabelled ones: one segment without a class. */
  readonly segments: readonly DemoSegment[];
  /** What the stream really shows where `segments` does not say it, for tests and for the live demo. Not put into the library. */
  readonly truth?: readonly DemoSegment[];
};

/** A data set in a folder beside the manifest. */
export type DemoDataset = {
  /** As it is called in run files. */
  readonly name: string;
  readonly path: string;
  readonly kind: "images" | "events";
  /** Id of the layout unit that reads it. */
  readonly layout: string;
  readonly classes: readonly string[];
  readonly perClass: readonly number[];
  readonly generated: true;
};

/** One step of the tour. `page` is where it happens, `target` the recording it is about. */
export type DemoTourStep = {
  readonly title: string;
  readonly text: string;
  readonly minutes: number;
  readonly page: "home" | "capture" | "library" | "train" | "models" | "live";
  readonly target?: string;
};

/** The whole demo project. */
export type DemoManifest = {
  readonly version: typeof DEMO_VERSION;
  readonly title: string;
  readonly summary: string;
  readonly generated: true;
  readonly generator: { readonly name: string; readonly version: string; readonly seed: number };
  readonly classes: readonly { readonly name: string; readonly key: number; readonly color: number }[];
  readonly recordings: readonly DemoRecording[];
  readonly datasets: readonly DemoDataset[];
  /** Model folders, when one has been trained on the demo. */
  readonly models: readonly { readonly id: string; readonly path: string }[];
  /** Recording that stands in for the camera in the live demo. */
  readonly liveRecording: string;
  /** Subjects nobody trains on, so that accuracies of different runs can be compared. */
  readonly split: { readonly testSubjects: readonly string[] };
  readonly tour: readonly DemoTourStep[];
};
