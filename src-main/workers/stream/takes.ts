import { AppError, toAppError } from "#shared/api/errors.ts";
import type { RecordingProgress, RecordingResult, RecordOptions } from "#shared/api/stream-api.ts";
import { nextFreePath } from "#main/lib/free-path.ts";
import type { Recorder } from "./recorder.ts";

export interface TakesOptions {
  readonly label: string;
  /** Begins a recording; `failed` is told when it ends by itself. */
  readonly begin: (options: RecordOptions, failed: (error: AppError) => void) => Promise<Recorder>;
  /** A recording has ended by itself, or could not go on. */
  readonly failed: (error: AppError) => void;
  /** A recording has begun or ended. */
  readonly changed: () => void;
}

/** The recordings of one camera: at most one at a time. When the camera comes back after it was unplugged, the next one begins. */
export class Takes {
  readonly #options: TakesOptions;
  #recorder: Recorder | undefined;
  #starting = false;
  #closing: Promise<void> | undefined;
  /** What was asked for, until it is stopped. */
  #wanted: RecordOptions | undefined;
  #ended: RecordingResult[] = [];

  constructor(options: TakesOptions) {
    this.#options = options;
  }

  /** What is being written just now. */
  get recorder(): Recorder | undefined {
    return this.#recorder;
  }

  progress(): RecordingProgress | undefined {
    return this.#recorder?.progress();
  }

  /** @throws AppError `busy`, and everything that keeps a file from being made. */
  async start(options: RecordOptions): Promise<void> {
    if (this.#recorder !== undefined || this.#starting) {
      throw new AppError("busy", `${this.#options.label} is being recorded already`, { hint: "Stop that recording first." });
    }
    this.#ended = [];
    await this.#begin(options);
    this.#wanted = options;
  }

  /** The camera has left: what came is closed, and goes on in a new file with `resume`. */
  interrupt(error: AppError): void {
    this.#recorder?.fail(error);
  }

  /** The camera is back. */
  async resume(): Promise<void> {
    await this.#closing;
    if (this.#wanted === undefined || this.#recorder !== undefined) return;
    const { beforeUs: _, ...wanted } = this.#wanted;
    try {
      await this.#begin({ ...wanted, path: nextFreePath(wanted.path) });
    } catch (error) {
      this.#wanted = undefined;
      this.#options.failed(toAppError(error));
    }
  }

  /** Whether a recording goes on when the camera comes back. */
  get waiting(): boolean {
    return this.#wanted !== undefined;
  }

  /** Ends it. @throws AppError `not-found` when nothing has been recorded. */
  async stop(): Promise<RecordingResult> {
    this.#wanted = undefined;
    await this.#close();
    const earlier = this.#ended.splice(0);
    const last = earlier.pop();
    if (last === undefined) throw new AppError("not-found", "Nothing is being recorded", { hint: "Start a recording first." });
    return earlier.length === 0 ? last : { ...last, earlier };
  }

  /** Ends it, if there is one, without asking for the result. */
  async close(): Promise<void> {
    this.#wanted = undefined;
    await this.#close();
  }

  async #begin(options: RecordOptions): Promise<void> {
    this.#starting = true;
    try {
      this.#recorder = await this.#options.begin(options, (error) => {
        // Only a camera may come back: a full disk does not.
        if (error.code !== "camera-gone") this.#wanted = undefined;
        this.#options.failed(error);
        // A recording that has ended by itself is closed at once; its result waits for whoever asks.
        this.#close().catch((failure: unknown) => this.#options.failed(toAppError(failure)));
      });
    } finally {
      this.#starting = false;
    }
    this.#options.changed();
  }

  #close(): Promise<void> {
    const own = this.#recorder;
    if (own === undefined) return Promise.resolve();
    this.#closing ??= (async () => {
      try {
        this.#ended.push(await own.stop());
      } finally {
        this.#recorder = undefined;
        this.#closing = undefined;
        this.#options.changed();
      }
    })();
    return this.#closing;
  }
}
