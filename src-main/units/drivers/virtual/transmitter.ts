import type { Encoder } from "#main/units/encodings/encoding.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { VirtualScene } from "./scenes.ts";

/** How often a transfer is made: a camera's USB controller hands over short ones when little happens. */
const TICK_MS = 4;
/** One step never makes more than this: the event loop has other things to do. */
const MAX_STEP_US = 20_000;
/** Further behind than this it gives up catching up and loses what was in between, as a camera's buffer would overflow. */
const MAX_BEHIND_US = 250_000;

export interface TransmitterOptions {
  readonly scene: VirtualScene;
  readonly encoder: Encoder;
  readonly chunkBytes: () => number;
  /** How many µs of the scene pass in one µs of the camera. */
  readonly rateScale: () => number;
  /** Changes bytes on their way, for faults. */
  readonly spoil: (bytes: Uint8Array) => void;
  /** Whether nothing is to be sent just now. */
  readonly stalled: () => boolean;
  readonly onBytes: (chunk: Uint8Array) => void;
  readonly onEnd: (reason?: Error) => void;
}

/** Sends a scene as a camera would, in step with the monotonic clock. */
export interface Transmitter {
  /** Transfers lost so far. */
  dropped(): number;
  stop(): Promise<void>;
}

/** Starts sending. The schedule is "everything up to now", so timers that come late do not add up. */
export function startTransmitter(options: TransmitterOptions): Transmitter {
  const { scene, encoder } = options;
  const writer = new PacketWriter();
  let began = performance.now();
  /** Camera time sent, scene time reached, last time written: µs. */
  let sentUs = 0;
  let sceneUs = 0;
  let lastUs = 0;
  let dropped = 0;
  let sentBytes = 0;
  let stopped = false;
  let wake: (() => void) | undefined;

  const send = (bytes: Uint8Array): void => {
    options.spoil(bytes);
    const size = options.chunkBytes();
    for (let at = 0; at < bytes.length && !stopped; at += size) options.onBytes(bytes.subarray(at, at + size));
    sentBytes += bytes.length;
  };

  /** Scene times as camera times, never falling. */
  const restamp = (words: Uint32Array, t0: number, fromScene: number, fromCamera: number, scale: number): void => {
    lastUs = Math.max(lastUs, fromCamera);
    for (let i = 0; i < words.length; i += 2) {
      const t = Math.max(lastUs, Math.round(fromCamera + (t0 + (words[i] ?? 0) - fromScene) / scale));
      words[i] = t - fromCamera;
      lastUs = t;
    }
  };

  const step = async (untilUs: number): Promise<void> => {
    const scale = options.rateScale();
    const [fromScene, fromCamera] = [sceneUs, sentUs];
    sceneUs = fromScene + Math.round((untilUs - fromCamera) * scale);
    sentUs = untilUs;
    await scene.next(sceneUs, writer);
    const { t0, words } = writer.take();
    if (words.length > 0) {
      restamp(words, t0, fromScene, fromCamera, scale);
      send(encoder.encode({ t0: fromCamera, words }));
    }
    const silence = encoder.advance?.(untilUs);
    if (silence !== undefined && silence.length > 0) send(silence);
  };

  const run = async (): Promise<void> => {
    // The first step of a scene costs as much as dozens of later ones; the clock starts behind it.
    await step(MAX_STEP_US);
    began = performance.now() - sentUs / 1000;
    while (!stopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, TICK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (stopped || options.stalled()) continue;
      const now = Math.floor((performance.now() - began) * 1000);
      if (now - sentUs > MAX_BEHIND_US) {
        // The scene stands still meanwhile; a real camera would have gone on, and those transfers would be gone.
        const bytesPerUs = sentUs > 0 ? sentBytes / sentUs : 0;
        dropped += Math.max(1, Math.round((bytesPerUs * (now - sentUs)) / options.chunkBytes()));
        sentUs = now;
      } else {
        await step(Math.min(now, sentUs + MAX_STEP_US));
      }
    }
  };
  const running = run().catch((error: unknown) => {
    if (stopped) return;
    stopped = true;
    options.onEnd(error instanceof Error ? error : new Error(String(error)));
  });

  return {
    dropped: () => dropped,
    stop: async () => {
      stopped = true;
      wake?.();
      await running;
    },
  };
}
