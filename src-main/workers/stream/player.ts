import { AppError, toAppError } from "#shared/api/errors.ts";
import type { PlayerState } from "#shared/api/stream-api.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import type { EventSource } from "#shared/events/source.ts";
import { PacketCursor } from "#main/lib/packet-cursor.ts";
import type { Clock } from "./clock.ts";
import { Rewind } from "./rewind.ts";
import { Wishes } from "./wishes.ts";

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

/** One tick: when it is, and how long it was since the last one, as it was and as much of it as counts. */
interface Tick {
  readonly now: number;
  readonly wallMs: number;
  readonly elapsedMs: number;
}

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
  #reverse = false;
  #rewind: Rewind | undefined;
  #loop: TimeRange | undefined;
  #leadUs = 0;
  #behindUs = 0;
  #error: AppError | undefined;
  readonly #wishes = new Wishes();
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
  /** Time runs backwards while it plays. */
  get reverse(): boolean {
    return this.#reverse;
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
    if (!this.#wishes.playing && this.#wishes.seek === undefined) {
      if (this.#reverse ? this.#t <= this.#start() : this.#t >= this.#end()) this.#wishes.seek = this.#entry();
      else if (this.#state === "failed") this.#wishes.seek = this.t;
    }
    this.#wishes.playing = true;
    this.#wishes.poke();
  }

  pause(): void {
    this.#wishes.playing = false;
    this.#wishes.poke();
  }

  /** Goes to `t`; resolves when the picture there is complete. A newer seek takes its place. */
  seek(t: number): Promise<void> {
    if (!Number.isFinite(t)) {
      return Promise.reject(new AppError("bad-argument", `Cannot go to ${t}`, { hint: "Give a time in µs." }));
    }
    this.#wishes.seek = Math.round(Math.min(Math.max(t, this.#range.start), this.#range.end));
    this.#wishes.poke();
    return this.#wishes.met();
  }

  /** Shows the present place anew, for filters or viewers that have just come. */
  refresh(): Promise<void> {
    return this.seek(this.#wishes.seek ?? this.t);
  }

  setSpeed(speed: number): void {
    if (!(speed >= MIN_SPEED && speed <= MAX_SPEED)) {
      throw new AppError("bad-argument", `A speed of ${speed} is out of range`, {
        hint: `Choose one from ${MIN_SPEED} to ${MAX_SPEED}.`,
      });
    }
    this.#speed = speed;
  }

  /** Which way time runs, at once when it plays. */
  setReverse(reverse: boolean): void {
    if (reverse === this.#reverse) return;
    this.#reverse = reverse;
    this.#wishes.poke();
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
    if (this.#t < start || (this.#reverse ? this.#t > end : this.#t >= end)) this.#wishes.seek = this.#entry();
    this.#wishes.poke();
  }

  /** How far before its target a seek begins to read, µs. */
  setLead(us: number): void {
    this.#leadUs = Math.max(0, us);
  }

  async close(): Promise<void> {
    this.#wishes.end = true;
    this.#wishes.poke();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let next: PlayerState = "paused";
    while (!this.#wishes.end) {
      this.#state = next;
      this.#sink.changed(next);
      if (next === "failed") this.#wishes.settle(this.#error);
      else if (next !== "seeking" && this.#wishes.seek === undefined) this.#wishes.settle();
      try {
        next = await this.#inState(next);
      } catch (error) {
        this.#error = toAppError(error);
        this.#wishes.playing = false;
        this.#cursor = undefined;
        next = "failed";
      }
    }
    this.#wishes.settle(new AppError("closed", "The recording was closed"));
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
      if (this.#wishes.end) return state;
      if (this.#wishes.seek !== undefined) return "seeking";
      if (this.#wishes.playing) return "playing";
      await this.#clock.wait(Infinity, this.#wishes.listen());
    }
  }

  #playing(): Promise<PlayerState> {
    return this.#reverse ? this.#playBack() : this.#playOn();
  }

  /** Waits for the next tick. @returns its time and length, or the state to change to; playing anew when the direction has changed. */
  async #tick(last: number, reverse: boolean): Promise<Tick | PlayerState> {
    await this.#clock.wait(TICK_MS, this.#wishes.listen());
    if (this.#wishes.end || this.#wishes.seek !== undefined) return "seeking";
    if (!this.#wishes.playing) return "paused";
    if (this.#reverse !== reverse) return "playing";
    const now = this.#clock.now();
    return { now, wallMs: now - last, elapsedMs: Math.min(now - last, MAX_TICK_MS) };
  }

  async #playOn(): Promise<PlayerState> {
    this.#rewind = undefined;
    this.#cursor ??= new PacketCursor(this.#source, { from: this.t });
    let last = this.#clock.now();
    for (;;) {
      const tick = await this.#tick(last, false);
      if (typeof tick === "string") return tick;
      last = tick.now;
      const end = this.#end();
      const wanted = Math.min(this.#t + tick.elapsedMs * 1000 * this.#speed, end);
      const reached = await this.#read(this.#cursor, Math.floor(wanted), tick.now + READ_BUDGET_MS);
      this.#behindUs = Math.max(0, Math.floor(wanted) - reached);
      // Never back: after a budget was used up, the next event may lie before the present time in sources that step back.
      this.#t = this.#behindUs === 0 ? wanted : Math.max(this.#t, reached);
      this.#sink.advance(this.t);
      if (this.#t < end) continue;
      if (this.#loop === undefined) {
        this.#wishes.playing = false;
        return "ended";
      }
      this.#cursor = await this.#enter(this.#loop.start);
    }
  }

  /** Backwards nothing can be added to the picture: each one is begun anew, a window before its time. */
  async #playBack(): Promise<PlayerState> {
    await this.#leave();
    this.#rewind ??= new Rewind(this.#source, this.#range.start);
    let last = this.#clock.now();
    for (;;) {
      const tick = await this.#tick(last, true);
      if (typeof tick === "string") return tick;
      last = tick.now;
      const start = this.#start();
      const before = this.t;
      this.#behindUs = Math.round((tick.wallMs - tick.elapsedMs) * 1000 * this.#speed);
      this.#t = Math.max(start, this.#t - tick.elapsedMs * 1000 * this.#speed);
      if (this.t < before) await this.#showBack(this.#rewind);
      if (this.#t > start) continue;
      if (this.#loop === undefined) {
        this.#wishes.playing = false;
        return "ended";
      }
      this.#t = this.#loop.end;
      await this.#showBack(this.#rewind);
    }
  }

  async #showBack(rewind: Rewind): Promise<void> {
    const target = this.t;
    const from = Math.max(this.#range.start, target - this.#leadUs);
    const packet = await rewind.window(from, target, () => this.#wishes.outdated);
    if (this.#wishes.outdated) return;
    if (packet === undefined) {
      // More than memory is meant for: read as a seek is, slowly.
      await this.#enter(target);
      return this.#leave();
    }
    this.#sink.reset(from);
    if (packet.words.length > 0) this.#sink.push(packet);
    this.#sink.advance(target);
  }

  async #seeking(): Promise<PlayerState> {
    const target = this.#wishes.seek ?? this.t;
    this.#wishes.seek = undefined;
    this.#error = undefined;
    this.#cursor = await this.#enter(target);
    if (this.#wishes.seek !== undefined || this.#wishes.end) return "seeking";
    return this.#wishes.playing ? "playing" : "paused";
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
    await cursor.until(
      target,
      (packet) => this.#sink.push(packet),
      () => this.#wishes.outdated,
    );
    if (!this.#wishes.outdated) this.#sink.advance(target);
    return cursor;
  }

  /** Reading on from here begins anew. */
  async #leave(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = undefined;
    await cursor?.close();
  }

  #read(cursor: PacketCursor, to: number, deadlineMs: number): Promise<number> {
    return cursor.until(
      to,
      (packet) => this.#sink.push(packet),
      () => this.#clock.now() > deadlineMs || this.#wishes.outdated,
    );
  }

  /** Where playing begins anew: the end that time runs away from. */
  #entry(): number {
    return this.#reverse ? this.#end() : this.#start();
  }

  #start(): number {
    return this.#loop?.start ?? this.#range.start;
  }

  #end(): number {
    return this.#loop?.end ?? this.#range.end;
  }
}
