import type { EventPacket } from "../events/packet.ts";
import type { Sensor, StreamInfo, TimeRange } from "../events/sensor.ts";
import type { Damage } from "../events/source.ts";
import type { Catalog, UnitRef } from "../units/unit.ts";
import type { ParamSpec, RawParams } from "../units/params.ts";
import type { CameraReading, DeviceInfo } from "./devices.ts";
import type { DecodeBench, RecordBenchOptions, RecordBenchProgress } from "./stream-bench.ts";

/** What a stream is made of. */
export type StreamRef =
  /** `range`: the span where the library knows it. */
  | { readonly kind: "recording"; readonly path: string; readonly range?: TimeRange }
  | { readonly kind: "camera"; readonly deviceId: string; readonly params?: RawParams };

export type PlayerState = "opening" | "paused" | "playing" | "seeking" | "ended" | "live" | "failed";

/** What a page wants to see. */
export interface ViewOptions {
  /** How much time before `t` a picture shows, µs: how far a seek reads back so that decaying pictures are right. */
  readonly windowUs: number;
}

/** What is new since the previous frame. `reset` after a seek: forget what was drawn before. At most MAX_VIEW_FRAME_BYTES. */
export type ViewFrame = {
  /** Stream time the frame ends at, µs. */
  readonly t: number;
  /** Stream time the frame begins at, µs: everything in `[from, t)` that passed the filters is in it. */
  readonly from: number;
  readonly reset: boolean;
} & (
  | { readonly kind: "events"; readonly packet: EventPacket }
  /**
   * Events per pixel, row by row, clipped at 255; used when a frame would hold more than MAX_VIEW_EVENTS. Where two images of
   * the sensor would exceed MAX_VIEW_FRAME_BYTES, `factor × factor` pixels share one count (a power of two, usually 1).
   */
  | {
      readonly kind: "counts";
      readonly width: number;
      readonly height: number;
      readonly factor: number;
      readonly off: Uint8Array;
      readonly on: Uint8Array;
      readonly events: number;
    }
);

export interface StreamStatus {
  readonly state: PlayerState;
  /** Position on the stream's clock, µs. */
  readonly t: number;
  readonly speed: number;
  /** A recording that plays backwards, or would if it played. */
  readonly reverse?: boolean;
  readonly loop: TimeRange | undefined;
  /** Events per second of stream time just played, before and after the filters, ON and OFF together. */
  readonly rateHz: number;
  readonly filteredRateHz: number;
  readonly onShare: number;
  /** Bytes received and not yet handled (cameras), and how far the picture is behind, µs. */
  readonly backlogBytes: number;
  readonly behindUs: number;
  /** Events or transfers lost since opening, each counted. */
  readonly dropped: number;
  readonly damage: number;
  /** Bytes that were recorded and not looked at, because decoding could not keep up; absent while there are none. */
  readonly skippedBytes?: number;
  readonly recording: RecordingProgress | undefined;
  /** The camera was unplugged and is looked for: it goes on by itself, "recording" in a new file. */
  readonly awaiting?: "camera" | "recording";
  /** Once enough is known. */
  readonly clock?: ClockEstimate;
  /** What is shown just now. Only virtual cameras know: it is there to compare answers with, never to make them. */
  readonly truth?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** What recordings of several cameras that were begun together have in common. */
export interface Together {
  readonly id: string;
  /** When they were begun, on the clock of the machine (monotonic, µs since it was started). */
  readonly hostUs: number;
}

/** What is known of a camera's clock, seen from the clock of the machine that receives its data. */
export interface ClockEstimate {
  /** Time of the machine (monotonic, µs since it was started) when the camera's clock said `t`. */
  readonly hostUs: number;
  readonly t: number;
  /** How much faster than the machine's clock the camera's runs, millionths. */
  readonly driftPpm: number;
  /** How much later than the earliest ones arrivals came, half of them at most, µs: how far the estimate may be off. */
  readonly jitterUs: number;
  /** Over how much time it was taken, µs. */
  readonly spanUs: number;
}

export interface RecordingProgress {
  readonly path: string;
  readonly seconds: number;
  readonly bytes: number;
  readonly events: number;
}

/** What a finished recording turned out to be. Times are µs on the recorded clock. */
export interface RecordingResult {
  readonly path: string;
  readonly bytes: number;
  readonly events: number;
  readonly seconds: number;
  readonly dropped: number;
  readonly peakBacklogBytes: number;
  readonly range: TimeRange;
  /** Bytes in the file whose events are not in the count: decoding could not keep up. Absent when the count is whole. */
  readonly uncountedBytes?: number;
  readonly clock?: ClockEstimate;
  /** Codec that the file has yet to be rewritten with, by `settle`: it holds the camera's bytes as they came. */
  readonly becomes?: string;
  /** Recordings before it, oldest first: the camera was unplugged in between. */
  readonly earlier?: readonly RecordingResult[];
  /** Why it ended by itself (disk full, camera gone); what had come until then is kept. */
  readonly stopped?: { readonly code: string; readonly message: string; readonly hint?: string };
}

export interface RecordOptions {
  readonly path: string;
  /** Also keep what the camera sent in the last so many µs (pre-trigger). */
  readonly beforeUs?: number;
  /** Recordings of several cameras that are begun together get the same for it. */
  readonly together?: Together;
}

/** Event counts over a recording, for the rate strip: column i covers `[start + i·stepUs, start + (i+1)·stepUs)`. */
export interface RateStrip {
  readonly start: number;
  readonly stepUs: number;
  readonly on: Uint32Array;
  readonly off: Uint32Array;
}

/** Small moving picture of a clip: signed counts per pixel and frame, clipped to ±127; frame i covers an equal share of the span. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** `frames × height × width`, ON minus OFF. */
  readonly pixels: Int8Array;
}

/** Live or replayed classification, wanted from a stream worker. */
export interface ClassifyOptions {
  /** Where the compute worker listens; see `ComputeApi.listen`. */
  readonly compute: { readonly path: string; readonly token: string };
  /** Key of a loaded model in the compute worker. */
  readonly session: string;
  readonly filters: readonly UnitRef[];
  readonly representation: UnitRef;
  /** Span of one window and distance between windows, µs. */
  readonly windowUs: number;
  readonly strideUs: number;
  /** Names of the classes in score order, for `label`; the number of the class where there are none. */
  readonly classes?: readonly string[];
  /** Recordings: read at full speed from here to there instead of following the player. */
  readonly offline?: TimeRange;
}

/** One answer over a window that ended at `t`. Scores are softmax probabilities in class order. */
export interface Prediction {
  readonly t: number;
  readonly label: string;
  readonly scores: readonly number[];
  /** From the window being full to computing beginning, and computing itself, ms. */
  readonly waitMs: number;
  readonly computeMs: number;
  /** Events in the window, ON and OFF. */
  readonly on: number;
  readonly off: number;
  /** Events per time bin of the window, ON and OFF. */
  readonly bins?: { readonly on: readonly number[]; readonly off: readonly number[] };
  /** Mean spikes per neuron and step, by layer. */
  readonly spikeRates?: Readonly<Record<string, number>>;
}

/** A stream worker with one open stream. Served to the page (private port) and to the engine. */
export interface StreamApi {
  info(): Promise<StreamInfo>;
  play(speed?: number): Promise<void>;
  pause(): Promise<void>;
  /** Goes to `t` (µs, clamped to the recording). */
  seek(t: number): Promise<void>;
  /** Moves by `slices` view windows; negative goes back. */
  step(slices: number, windowUs: number): Promise<void>;
  setSpeed(speed: number): Promise<void>;
  /** Which way time runs while it plays; backwards it ends at the start. */
  setReverse(reverse: boolean): Promise<void>;
  setLoop(range: TimeRange | undefined): Promise<void>;
  setFilters(filters: readonly UnitRef[]): Promise<void>;
  /** Changes parameters of an open camera; refused for recordings. */
  configure(params: RawParams): Promise<void>;
  /** At most one frame per display frame: no credit, no frame; the next one covers everything since the last. */
  view(options: ViewOptions): AsyncIterable<ViewFrame>;
  /** About ten a second, and at once on every change of state. */
  status(): AsyncIterable<StreamStatus>;
  rate(columns: number): Promise<RateStrip>;
  /** What an open camera measures besides events; empty where there is nothing, and for recordings. */
  readings(): Promise<readonly CameraReading[]>;
  record(options: RecordOptions): Promise<void>;
  stopRecording(): Promise<RecordingResult>;
  classify(options: ClassifyOptions): AsyncIterable<Prediction>;
}

/** What is in a recording: the info object of the command line (times and coordinates as stored). */
export interface RecordingInspection {
  readonly path: string;
  readonly codec: string;
  readonly encoding: string;
  readonly bytes: number;
  readonly sensor: Sensor;
  readonly range: TimeRange;
  readonly events: number;
  readonly on: number;
  readonly off: number;
  /** `[t, x, y, p]`, at most three each. */
  readonly first: readonly (readonly [number, number, number, number])[];
  readonly last: readonly (readonly [number, number, number, number])[];
  readonly rateHz: { readonly mean: number; readonly peak: number };
  readonly triggers: number;
  readonly monotonic: boolean;
  /** SHA-256 over 13 bytes an event (int64 t, uint16 x, uint16 y, uint8 p, little-endian); only when asked for. */
  readonly digest?: string;
  readonly orientation: { readonly flipX: boolean; readonly flipY: boolean; readonly swapXY: boolean; readonly invertP: boolean };
  readonly damage: readonly Damage[];
  readonly dropped: Readonly<Record<string, number>>;
  /** How often times go back, and by how much at most (µs). */
  readonly stepsBack: { readonly count: number; readonly largestUs: number };
  /** What lies beside the events, by kind ("frames", "imu"), counted. */
  readonly others: Readonly<Record<string, number>>;
  /** What the file does not say and was assumed. */
  readonly guesses: readonly Guess[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The camera that made it and how it was set, where that is known. */
  readonly camera?: RecordedCamera;
}

/** The camera of a recording. */
export interface RecordedCamera {
  readonly driver: string;
  readonly label: string;
  readonly serial: string;
  /** Every setting it had, defaults included. */
  readonly params: RawParams;
}

/** One labelled or unlabelled sample that a folder layout has found. */
export interface FoundSample {
  /** Path relative to the root of the data set. */
  readonly path: string;
  /** Which record of a container file (idx) it is. */
  readonly index?: number;
  readonly label: string;
  /** "train" or "test" where the layout says so. */
  readonly part?: string;
  /** Number of the original a recording was filmed from, counted as in its image set; see `Pairing`. */
  readonly number?: number;
  readonly subject?: string;
  /** Part of a recording that holds several samples, µs, half-open; the whole when absent. */
  readonly range?: TimeRange;
  /** What the layout knows and the file does not say (turns, sensor size): goes along whenever the file is opened. */
  readonly answers?: RawParams;
}

/** How recordings and the pictures they were filmed from find each other: same class, same number. */
export interface Pairing {
  /** The set of pictures, "MNIST": sets that name the same one belong together. */
  readonly pictures: string;
  /**
   * Whether numbers begin anew in each part or run through a whole class. "guessed": nobody has published which picture each
   * recording shows; equal numbers are the likeliest and are not sure.
   */
  readonly numbers: "part" | "class" | "guessed";
}

/** What a folder turned out to be. */
export interface FoundDataset {
  readonly layout: string;
  readonly kind: "events" | "images";
  readonly classes: readonly string[];
  readonly sensor?: Sensor;
  readonly samples: readonly FoundSample[];
  readonly warnings: readonly string[];
  readonly pairing?: Pairing;
}

/** Something a file does not say: what was taken for it, and why. The user may answer otherwise. */
export interface Guess {
  /** Name of the reading parameter. */
  readonly param: string;
  readonly value: string | number | boolean;
  readonly reason: string;
  /** Whether the content leaves hardly a doubt; the user is only asked where it does. */
  readonly sure: boolean;
}

export interface ConvertOptions {
  readonly input: string;
  readonly output: string;
  /** What to take for what the input does not say; see `readings`. */
  readonly answers?: RawParams;
  /** Puts events into the order of their times, which real cameras break by some µs. */
  readonly sort?: boolean;
  /** Writes nothing, and tells after a moment what would be written; sizes of long recordings are extrapolated. */
  readonly dryRun?: boolean;
  readonly codec?: string;
  readonly range?: { readonly from?: number; readonly to?: number };
  readonly filters?: readonly UnitRef[];
  /** Times of the output begin at zero instead of where the range or the recording begins. */
  readonly fromZero?: boolean;
  /** Times become those of all recordings that were begun together with this one: µs since a second before that. */
  readonly commonTime?: boolean;
}

export type ConvertProgress =
  | { readonly kind: "progress"; readonly fraction: number; readonly events: number }
  | {
      readonly kind: "done";
      readonly events: number;
      readonly bytes: number;
      readonly dropped: number;
      readonly seconds: number;
      /** What lay beside the events and does not fit into the new file, counted by kind; triggers go into its sidecar. */
      readonly notKept: Readonly<Record<string, number>>;
      /** False when a dry run has extrapolated. */
      readonly exact: boolean;
    };

/** A recording of a camera's bytes on its way into the format it was meant for; it ends as the file at `path`. */
export type SettleProgress =
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "done"; readonly path: string; readonly bytes: number };

/** What to turn into events; see the simulator. */
export interface SimulateOptions {
  /** A picture, a film, or a folder of pictures (frames of a film in the order of their names). */
  readonly input: string;
  readonly output: string;
  readonly params: RawParams;
}

/** What every stream worker offers besides its stream: work on files that must not block main. */
export interface StreamWorkerApi {
  catalog(): Promise<Pick<Catalog, "encodings" | "codecs" | "drivers" | "filters" | "representations" | "datasets">>;
  /** Opens the one stream of this worker. */
  open(ref: StreamRef): Promise<StreamInfo>;
  inspect(path: string, options: { readonly digest: boolean; readonly answers?: RawParams }): Promise<RecordingInspection>;
  /** What has been answered about a file, and what can be. */
  readings(path: string): Promise<{ readonly params: ParamSpec; readonly answers: RawParams }>;
  /** Remembers answers about a file in place of earlier ones. */
  remember(path: string, answers: RawParams): Promise<void>;
  rate(path: string, columns: number): Promise<RateStrip>;
  thumbnail(
    path: string,
    range: TimeRange | undefined,
    size: { readonly width: number; readonly height: number; readonly frames: number; readonly answers?: RawParams },
  ): Promise<Thumbnail>;
  /** A picture of an image set as RGBA, scaled to fit. */
  picture(
    path: string,
    index: number | undefined,
    maxSide: number,
  ): Promise<{ readonly width: number; readonly height: number; readonly rgba: Uint8Array }>;
  findDataset(path: string, layout: string | undefined): Promise<FoundDataset>;
  convert(options: ConvertOptions): AsyncIterable<ConvertProgress>;
  /** Brings a recording that was broken off into the format it was meant for; answers the path of the file that is left. */
  settle(path: string): Promise<string>;
  /** The same with its progress; it fails where that leaves the file as it is, and may be left and done again. */
  settling(path: string): AsyncIterable<SettleProgress>;
  /** Packets for printing: with the origin top left, or with `asStored` as they lie in the file. */
  events(
    path: string,
    range: { readonly from?: number; readonly to?: number; readonly asStored?: boolean; readonly answers?: RawParams },
  ): AsyncIterable<EventPacket>;
  simulate(options: SimulateOptions): AsyncIterable<ConvertProgress>;
  devices(): Promise<readonly DeviceInfo[]>;
  /** Measures the decoders; takes about half a minute. */
  benchDecode(): Promise<DecodeBench>;
  /** Records an emulated camera at a chosen rate and compares the file with what was sent. */
  benchRecord(options: RecordBenchOptions): AsyncIterable<RecordBenchProgress>;
}

/** Upper size of a view frame: two MB copied cost two to four ms. */
export const MAX_VIEW_FRAME_BYTES = 2 * 1024 * 1024;
/** More events than this in one frame are sent as counts: 250 000 events are 2 MB. */
export const MAX_VIEW_EVENTS = 250_000;
