import { AppError, toAppError } from "#shared/api/errors.ts";
import type { BulkStream, StreamEnd, Transport } from "../transport/transport.ts";

/** What a kind of camera does with its sensor; every method may fail because the camera was unplugged. */
export interface SensorControl {
  /** Makes the sensor send. Reads are queued already. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Before the interface is given back: power down. */
  shutDown(): Promise<void>;
}

export interface SessionOptions {
  readonly transport: Transport;
  readonly interfaceNumber: number;
  /** Where events come from. */
  readonly endpoint: number;
  readonly transfers: number;
  readonly transferBytes: number;
  readonly sensor: SensorControl;
  /** Places in a chunk before which something was lost, as far as its format tells. Every chunk passes through it once, in order. */
  readonly findGaps?: (chunk: Uint8Array) => readonly number[];
}

/** An open camera's life over USB: the same for every kind. */
export interface Session {
  /** As in `Camera`; `gap` is true when something between this chunk and the one before was lost. */
  start(onBytes: (chunk: Uint8Array, gap: boolean) => void, onEnd: (reason?: Error) => void): void;
  stop(): Promise<void>;
  /** Carries out a change of settings, after what is under way. Rejects when the camera is closed or gone. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Times that events were lost between sensor and memory. */
  dropped(): number;
}

/** A stalled endpoint is cleared and started again so often without any data in between; then the camera is given up. */
const MAX_RESTARTS = 3;

/** Keeps the order that hardware demands: reads before the sensor, the sensor stopped before its reads, all reads back before closing. */
export function createSession({
  transport,
  interfaceNumber,
  endpoint,
  transfers,
  transferBytes,
  sensor,
  findGaps,
}: SessionOptions): Session {
  const { label } = transport.device;
  let last: Promise<unknown> = Promise.resolve();
  let stream: BulkStream | undefined;
  let onBytes: ((chunk: Uint8Array, gap: boolean) => void) | undefined;
  let onEnd: ((reason?: Error) => void) | undefined;
  let closing: Promise<void> | undefined;
  let ended: AppError | undefined;
  let started = false;
  let gap = false;
  let dropped = 0;
  let restarts = 0;

  /** One task after the other, also when one fails. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = last.then(task, task);
    last = mine.catch(() => undefined);
    return mine;
  };

  const hand = (chunk: Uint8Array): void => {
    onBytes?.(chunk, gap);
    gap = false;
  };
  const receive = (chunk: Uint8Array): void => {
    restarts = 0;
    let from = 0;
    for (const at of findGaps?.(chunk) ?? []) {
      if (at > from) hand(chunk.subarray(from, at));
      from = at;
      dropped += 1;
      gap = true;
    }
    hand(from === 0 ? chunk : chunk.subarray(from));
  };

  const begin = async (): Promise<void> => {
    await transport.clearHalt(endpoint);
    stream = transport.stream(endpoint, { transfers, transferBytes, onData: receive, onEnd: streamEnded });
    started = true;
    await sensor.start();
  };

  /** Gives everything back; what fails on the way is a camera that is gone, which is what is wanted in the end. */
  const close = (): Promise<void> => {
    const attempt = async (step: () => Promise<void> | undefined): Promise<boolean> => {
      try {
        await step();
        return true;
      } catch (error) {
        ended ??= toAppError(error);
        return false;
      }
    };
    closing ??= inTurn(async () => {
      // A camera that does not answer any more is not asked further: each question would cost its time limit.
      const answers = ended?.code !== "camera-gone" && (!started || (await attempt(() => sensor.stop())));
      await attempt(() => stream?.stop());
      stream = undefined;
      if (answers && ended?.code !== "camera-gone") await attempt(() => sensor.shutDown());
      await attempt(() => transport.release(interfaceNumber));
      await attempt(() => transport.close());
    });
    return closing;
  };

  const fail = (reason: unknown): void => {
    if (closing !== undefined) return;
    const error = toAppError(reason);
    ended = error;
    const tell = onEnd;
    onBytes = undefined;
    onEnd = undefined;
    void close().then(() => tell?.(error));
  };

  const streamEnded = (end: StreamEnd): void => {
    if (end.cause === "stopped" || closing !== undefined) return;
    stream = undefined;
    if (end.cause !== "stalled" || restarts >= MAX_RESTARTS) {
      fail(end.error);
      return;
    }
    restarts += 1;
    dropped += 1;
    gap = true;
    inTurn(async () => {
      if (closing !== undefined) return;
      await sensor.stop();
      await begin();
    }).catch(fail);
  };

  const stopListening = transport.onDetach(() =>
    fail(new AppError("camera-gone", `${label} was unplugged`, { hint: "Plug it in and open it again." })),
  );

  return {
    start: (bytes, end) => {
      onBytes = bytes;
      onEnd = end;
      inTurn(async () => {
        if (closing === undefined) await begin();
      }).catch(fail);
    },
    stop: async () => {
      onBytes = undefined;
      onEnd = undefined;
      stopListening();
      await close();
    },
    run: (task) =>
      inTurn(() => {
        if (ended !== undefined) return Promise.reject(ended);
        if (closing !== undefined)
          return Promise.reject(new AppError("closed", `${label} is closed`, { hint: "Open it again." }));
        return task();
      }),
    dropped: () => dropped,
  };
}

/** Waits; the usual `pause` of drivers. */
export const pauseUs = (us: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.ceil(us / 1000)));
