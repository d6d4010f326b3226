import { AppError } from "#shared/api/errors.ts";
import type { StreamStatus } from "#shared/api/stream-api.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import { log } from "#main/lib/log.ts";
import { classifyOffline, classifyTap } from "./classify.ts";
import { Hub } from "./hub.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { rangeOf } from "./range.ts";
import { attempt, Leads, signalOf, viewFeed, type OpenStream } from "./open-stream.ts";
import { systemClock, type Clock } from "./clock.ts";
import { Player } from "./player.ts";
import { rateStrip } from "./rates.ts";
import { ensureIndex } from "./recording-index.ts";
import { Pulse, statusFeed } from "./status-feed.ts";

export interface RecordingStreamOptions {
  /** Where indexes and counts are kept; without it they are made anew each time. */
  readonly cacheDir: string | undefined;
  readonly clock?: Clock;
  /** The span of the recording where it is known: spares the pass that would find it out. */
  readonly range?: TimeRange;
}

/** Rest between two index entries while a recording plays: the picture goes first, and the index still comes to its end, ms. */
const PLAYING_PAUSE_MS = 20;

const onlyCameras = (what: string): Promise<never> =>
  Promise.reject(new AppError("unsupported", `A recording cannot be ${what}`, { hint: "Open a camera for that." }));

/** Opens a recording and a player for it. @throws AppError when it cannot be read. */
export async function openRecordingStream(path: string, options: RecordingStreamOptions): Promise<OpenStream> {
  const { recording } = await openRecording(path);
  const end = new AbortController();
  // A format that does not tell its range needs its index before anything can be played.
  const indexFirst = recording.info.range === undefined && options.range === undefined;
  const firstLook = async (): Promise<TimeRange> => {
    if (indexFirst) await ensureIndex(path, recording, { ...indexOptions, idle: () => Promise.resolve() });
    return options.range ?? rangeOf(recording, end.signal);
  };
  const indexOptions = { cacheDir: options.cacheDir, signal: end.signal };
  const range = await firstLook().catch(async (error: unknown) => {
    await recording.close();
    throw error;
  });
  const info = { ...recording.info, range };
  const clock = options.clock ?? systemClock;
  const hub = new Hub(info.sensor, () => clock.now());
  const pulse = new Pulse();
  const player = new Player(
    recording,
    range,
    {
      reset: (from) => hub.reset(from),
      push: (packet) => hub.push(packet),
      advance: (t) => hub.advance(t),
      changed: () => pulse.fire(),
    },
    clock,
  );
  const leads = new Leads((us) => player.setLead(us));
  player.start();

  const idle = async (): Promise<void> => {
    // Playing backwards enters the file again and again, which is what an index is for: it does not wait.
    if (player.state === "playing" && !player.reverse) await pulse.wait(PLAYING_PAUSE_MS, end.signal);
    while (player.state === "seeking" && !end.signal.aborted) await pulse.wait(100, end.signal);
  };
  // Without an index a seek reads from the beginning: slower, not wrong. So a failure here is a line in the log.
  const indexing = (indexFirst ? Promise.resolve() : ensureIndex(path, recording, { ...indexOptions, idle })).catch(
    (error: unknown) => {
      if (!end.signal.aborted) log("warning", "index", error instanceof Error ? error.message : String(error));
    },
  );

  const show = (): void => {
    // Playing brings the picture by itself. Failures show in the status.
    if (player.state !== "playing") player.refresh().catch(() => pulse.fire());
  };
  const status = (): StreamStatus => {
    const { error } = player;
    const report = recording.report();
    return {
      state: player.state,
      t: player.t,
      speed: player.speed,
      reverse: player.reverse,
      loop: player.loop,
      ...hub.rates(),
      backlogBytes: 0,
      behindUs: player.behindUs,
      dropped: Object.values(report.dropped).reduce((sum, count) => sum + count, 0),
      damage: report.damage.length,
      recording: undefined,
      ...(error === undefined
        ? {}
        : {
            error: {
              code: error.code,
              message: error.message,
              ...(error.hint === undefined ? {} : { hint: error.hint }),
            },
          }),
    };
  };

  return {
    info: () => Promise.resolve(info),
    play: (speed) =>
      attempt(() => {
        if (typeof speed === "number") player.setSpeed(speed);
        player.play();
      }),
    pause: () => attempt(() => player.pause()),
    seek: (t) => player.seek(t),
    step: (slices, windowUs) => {
      player.pause();
      return player.seek(player.t + slices * windowUs);
    },
    setSpeed: (speed) =>
      attempt(() => {
        player.setSpeed(speed);
        pulse.fire();
      }),
    setReverse: (reverse) =>
      attempt(() => {
        player.setReverse(reverse);
        pulse.fire();
      }),
    setLoop: (loop) =>
      attempt(() => {
        player.setLoop(loop ?? undefined);
        pulse.fire();
      }),
    setFilters: async (filters) => {
      hub.setFilters(filters);
      await player.refresh();
    },
    configure: () => onlyCameras("configured"),
    view: (view, signal?: AbortSignal) => viewFeed(hub, view, signalOf(signal), leads, show),
    status: (signal?: AbortSignal) => statusFeed(status, pulse, signalOf(signal)),
    readings: () => Promise.resolve([]),
    rate: (columns, signal?: AbortSignal) => rateStrip(path, columns, options.cacheDir, signalOf(signal)),
    record: () => onlyCameras("recorded again"),
    stopRecording: () => onlyCameras("recorded again"),
    classify: (wanted, signal?: AbortSignal) =>
      wanted.offline === undefined
        ? classifyTap(hub, wanted, signalOf(signal), leads, show)
        : classifyOffline(path, wanted, wanted.offline, signalOf(signal)),
    close: async () => {
      end.abort();
      hub.end();
      pulse.fire();
      await player.close();
      await indexing;
      await recording.close();
    },
  };
}
