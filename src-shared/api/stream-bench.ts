/** How fast the decoders of this machine are: compiled kernels, their plain twins and, where a C compiler is, loops in C. */
export interface DecodeBench {
  readonly figures: readonly {
    readonly id: string;
    readonly events: number;
    readonly bytes: number;
    readonly seconds: number;
    readonly eventsPerSecond: number;
  }[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** Speed of the compiled kernel divided by that of the C loop, by encoding. */
  readonly shareOfC: Readonly<Record<string, number>>;
}

/** How to measure recording: so long, at so many million events a second, into this folder (the temporary one when absent). */
export interface RecordBenchOptions {
  readonly seconds: number;
  readonly rateMev: number;
  readonly folder?: string;
}

export type RecordBenchProgress =
  | {
      readonly kind: "progress";
      readonly seconds: number;
      readonly bytes: number;
      readonly lostBytes: number;
      readonly skippedBytes: number;
    }
  | {
      readonly kind: "done";
      /** What was recorded: says that it is no real camera. */
      readonly source: string;
      readonly seconds: number;
      /** What the emulated sensor sent, and how fast it came out in truth. */
      readonly events: number;
      readonly bytes: number;
      readonly eventsPerSecond: number;
      readonly bytesPerSecond: number;
      /** Lost in the emulated camera because reads came back too late; transfers lost behind it. */
      readonly lostBytes: number;
      readonly dropped: number;
      /** The most that ever waited for the disk, and for the decoder. */
      readonly peakBacklogBytes: number;
      readonly peakDecodeBacklogBytes: number;
      /** Recorded, but not decoded because decoding could not keep up. */
      readonly skippedBytes: number;
      /** Of the whole process, the making of the events included. */
      readonly cpuSeconds: number;
      readonly peakRssBytes: number;
      /** The file holds exactly what left the camera. */
      readonly complete: boolean;
      /** SHA-256 of the events in the file, and of what was sent. */
      readonly digest: string;
      readonly expected: string;
    };
