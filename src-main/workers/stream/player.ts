import { AppError, toAppError } from "#shared/api/errors.ts";
import type { PlayerState } from "#shared/api/stream-api.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import type { EventSource } from "#shared/events/source.ts";
import { PacketCursor } from "#main/lib/packet-cursor.ts";

/** Wall time as the player sees it; tests put their own in. */
export interface Clock {
  /** ms, never falling. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Where the player puts what it plays. */
export interface PlayerSink {
  reset(from: number): void;
  push(packet: EventPacket): void;
  advance(t: number): void;
  /** Told of every state, in order. */
  changed(state: PlayerState): void;
}

/** One tick a display frame. */
const TICK_MS = 1000 / 60;
/** A tick never asks for more wall time than this: after a pause of the machine it does not rush to catch up. */
const MAX_TICK_MS = 100;
/** Reading for longer than this ends the tick where it is, so that pausing works in files that play too slowly. */
const READ_BUDGET_MS = 60;
export const MIN_SPEED = 0.001;
export const MAX_SPEED = 10;

/**
 * Plays a recording: `opening → paused ⇄ playing`, `seeking`, `ended`, `failed`. Each state runs to its end; a request for
 * another asks it to finish and is then looked at. Position is µs on the stream's clock.
 */
export class Player {
  readonly #source: Pick<EventSource, "read">;
  readonly #range: TimeRange;
  readonly #sink: PlayerSink;
  readonly #clock: Clock;
  #state: PlayerState = "opening";
  #cursor: PacketCursor | undefined;
  /** Not rounded, or slow playing would lose the fractions. */
  #t: number;
  #speed = 1;
  #loop: TimeRange | undefined;
  #leadUs = 0;
  #behindUs = 0;
  #error: AppError | undefined;
  /** What is wanted: the state function in charge looks here when it is poked. */
  #wantPlaying = false;
  #wantSeek: number | undefined;
  #wantEnd = false;
  #interrupt = new AbortController();
  #seeks: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #ended: Promise<void> | undefined;

  constructor(source: Pick<EventSource, "read">, range: TimeRange, sink: PlayerSink, clock: Clock) {
    this.#source = source;
    this.#range = range;
    this.#sink = sink;
    this.#clock = clock;
    this.#t = range.start;
  }

  get state(): PlayerState {
    return this.#state;
  }
  get t(): number {
    return Math.floor(this.#t);
  }
  get speed(): number {
    return this.#speed;
  }
  get loop(): TimeRange | undefined {
    return this.#loop;
  }
  /** How much stream time the last tick fell short of, µs. */
  get behindUs(): number {
    return this.#behindUs;
  }
  /** Why it failed. */
  get error(): AppError | undefined {
    return this.#error;
  }

  /** Begins; call once. */
  start(): void {
    this.#ended = this.#run();
  }

  play(): void {
    if (!this.#wantPlaying && this.#wantSeek === undefined) {
      if (this.#t >= this.#end()) this.#wantSeek = this.#start();
      else if (this.#state === "failed") this.#wantSeek = this.t;
    }
    this.#wantPlaying = true;
    this.#poke();
  }

  pause(): void {
    this.#wantPlaying = false;
    this.#poke();
  }

  /** Goes to `t`; resolves when the picture there is complete. A newer seek takes its place. */
  seek(t: number): Promise<void> {
    if (!Number.isFinite(t)) {
      return Promise.reject(new AppError("bad-argument", `Cannot go to ${t}`, { hint: "Give a time in µs." }));
    }
    this.#wantSeek = Math.round(Math.min(Math.max(t, this.#range.start), this.#range.end));
    const done = new Promise<void>((resolve, reject) => this.#seeks.push({ resolve, reject }));
    this.#poke();
    return done;
  }

  /** Shows the present place anew, for filters or viewers that have just come. */
  refresh(): Promise<void> {
    return this.seek(this.#wantSeek ?? this.t);
  }

  setSpeed(speed: number): void {
    if (!(speed >= MIN_SPEED && speed <= MAX_SPEED)) {
      throw new AppError("bad-argument", `A speed of ${speed} is out of range`, {
        hint: `Choose one from ${MIN_SPEED} to ${MAX_SPEED}.`,
      });
    }
    this.#speed = speed;
  }

  /** Plays this part again and again; the position moves into it when it is outside. */
  setLoop(range: TimeRange | undefined): void {
    if (range === undefined) {
      this.#loop = undefined;
      return;
    }
    const start = Math.round(Math.max(range.start, this.#range.start));
    const end = Math.round(Math.min(range.end, this.#range.end));
    if (!(end > start)) {
      throw new AppError("bad-argument", `The loop from ${range.start} to ${range.end} µs holds nothing of the recording`, {
        hint: `Choose a part of ${this.#range.start} to ${this.#range.end}.`,
      });
    }
    this.#loop = { start, end };
    if (this.#t < start || this.#t >= end) this.#wantSeek = start;
    this.#poke();
  }

  /** How far before its target a seek begins to read, µs. */
  setLead(us: number): void {
    this.#leadUs = Math.max(0, us);
  }

  async close(): Promise<void> {
    this.#wantEnd = true;
    this.#poke();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let next: PlayerState = "paused";
    while (!this.#wantEnd) {
      this.#state = next;
      this.#sink.changed(next);
      if (next === "failed") this.#settle(this.#error);
      else if (next !== "seeking" && this.#wantSeek === undefined) this.#settle();
      try {
        next = await this.#inState(next);
      } catch (error) {
        this.#error = toAppError(error);
        this.#wantPlaying = false;
        this.#cursor = undefined;
        next = "failed";
      }
    }
    this.#settle(new AppError("closed", "The recording was closed"));
    await this.#cursor?.close();
  }

  #inState(state: PlayerState): Promise<PlayerState> {
    if (state === "playing") return this.#playing();
    if (state === "seeking") return this.#seeking();
    return this.#resting(state);
  }

  /** paused, ended, failed: nothing happens until something else is wanted. */
  async #resting(state: PlayerState): Promise<PlayerState> {
    for (;;) {
      if (this.#wantEnd) return state;
      if (this.#wantSeek !== undefined) return "seeking";
      if (this.#wantPlaying) return "playing";
      await this.#clock.wait(Infinity, this.#listen());
    }
  }

  async #playing(): Promise<PlayerState> {
    this.#cursor ??= new PacketCursor(this.#source, { from: this.t });
    let last = this.#clock.now();
    for (;;) {
      await this.#clock.wait(TICK_MS, this.#listen());
      if (this.#wantEnd || this.#wantSeek !== undefined) return "seeking";
      if (!this.#wantPlaying) return "paused";
      const now = this.#clock.now();
      const elapsedMs = Math.min(now - last, MAX_TICK_MS);
      last = now;
      const end = this.#end();
      const wanted = Math.min(this.#t + elapsedMs * 1000 * this.#speed, end);
      const reached = await this.#read(this.#cursor, Math.floor(wanted), now + READ_BUDGET_MS);
      this.#behindUs = Math.max(0, Math.floor(wanted) - reached);
      // Never back: after a budget was used up, the next event may lie before the present time in sources that step back.
      this.#t = this.#behindUs === 0 ? wanted : Math.max(this.#t, reached);
      this.#sink.advance(this.t);
      if (this.#t < end) continue;
      if (this.#loop === undefined) {
        this.#wantPlaying = false;
        return "ended";
      }
      this.#cursor = await this.#enter(this.#loop.start);
    }
  }

  async #seeking(): Promise<PlayerState> {
    const target = this.#wantSeek ?? this.t;
    this.#wantSeek = undefined;
    this.#error = undefined;
    this.#cursor = await this.#enter(target);
    if (this.#wantSeek !== undefined || this.#wantEnd) return "seeking";
    return this.#wantPlaying ? "playing" : "paused";
  }

  /** Reads what a picture at `target` shows; gives up when a newer seek comes. */
  async #enter(target: number): Promise<PacketCursor> {
    // At once, so that whoever asks for this place anew or steps on from here means the target.
    this.#t = target;
    this.#behindUs = 0;
    await this.#cursor?.close();
    const from = Math.max(this.#range.start, target - this.#leadUs);
    this.#sink.reset(from);
    const cursor = new PacketCursor(this.#source, { from });
    this.#cursor = cursor;
    const outdated = (): boolean => this.#wantSeek !== undefined || this.#wantEnd;
    await cursor.until(target, (packet) => this.#sink.push(packet), outdated);
    if (!outdated()) this.#sink.advance(target);
    return cursor;
  }

  #read(cursor: PacketCursor, to: number, deadlineMs: number): Promise<number> {
    return cursor.until(
      to,
      (packet) => this.#sink.push(packet),
      () => this.#clock.now() > deadlineMs || this.#wantSeek !== undefined || this.#wantEnd,
    );
  }

  #start(): number {
    return this.#loop?.start ?? this.#range.start;
  }

  #end(): number {
    return this.#loop?.end ?? this.#range.end;
  }

  /** A signal for one wait, aborted by the next poke. */
  #listen(): AbortSignal {
    if (this.#interrupt.signal.aborted) this.#interrupt = new AbortController();
    return this.#interrupt.signal;
  }

  #poke(): void {
    this.#interrupt.abort();
  }

  #settle(error?: AppError): void {
    for (const { resolve, reject } of this.#seeks.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(done, ms);
      signal.addEventListener("abort", done);
    }),
};
