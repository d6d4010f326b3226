import type { StreamRef, StreamStatus } from "#shared/api/stream-api.ts";
import type { StreamHandle } from "#shared/api/engine-api.ts";
import { toAppError, type AppError } from "#shared/api/errors.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import type { StreamLink } from "#renderer/client.ts";
import type { Region } from "#renderer/gl/region.ts";
import { followRange, holdRange, zoomRange } from "#renderer/plot/ruler.ts";
import type { App } from "./app.svelte.ts";

export const SPEED_MIN = 0.001;
export const SPEED_MAX = 10;
const WHOLE: TimeRange = { start: 0, end: 1 };

/** One open stream and everything a transport needs. Opening, playing and closing are its whole life. */
export class Player {
  readonly handle: StreamHandle;
  readonly link: StreamLink;
  readonly virtual: boolean;
  status = $state.raw<StreamStatus | undefined>();
  /** Time of the newest picture: finer than the status. */
  t = $state(0);
  speed = $state(1);
  reverse = $state(false);
  /** The part of the sensor that is shown; what is recorded is not cut. */
  region = $state.raw<Region | undefined>();
  inPoint = $state<number | undefined>();
  outPoint = $state<number | undefined>();
  looping = $state(false);
  markers = $state.raw<readonly number[]>([]);
  shown = $state.raw<TimeRange>(WHOLE);
  failure = $state.raw<AppError | undefined>();
  readonly range = $derived.by((): TimeRange => this.handle.info.range ?? WHOLE);
  readonly live: boolean;
  readonly playing = $derived.by(() => this.status?.state === "playing" || this.status?.state === "live");
  readonly #app: App;
  readonly #closed = new AbortController();

  private constructor(app: App, handle: StreamHandle, link: StreamLink, virtual: boolean) {
    this.#app = app;
    this.handle = handle;
    this.link = link;
    this.virtual = virtual;
    this.live = handle.info.range === undefined;
    this.t = handle.info.range?.start ?? 0;
    this.shown = handle.info.range ?? WHOLE;
    link.onClose((reason) => {
      if (!this.#closed.signal.aborted) this.failure = toAppError(new Error(`The stream ended: ${reason}`));
    });
    void this.#watch();
  }

  /** Opens a recording or a camera. @throws AppError when it cannot be opened. */
  static async open(app: App, ref: StreamRef, virtual = false): Promise<Player> {
    const handle = await app.use().streams.open(ref);
    try {
      return new Player(app, handle, await app.client.openStream(handle), virtual);
    } catch (error) {
      await app.use().streams.close(handle.id);
      throw error;
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    try {
      for await (const status of this.link.api.status(signal)) {
        if (signal.aborted) return;
        this.status = status;
        this.#app.stream = {
          label: this.handle.info.label,
          virtual: this.virtual,
          mark: this.live ? "Virtual" : "Generated",
          status,
        };
      }
    } catch (error) {
      const failure = toAppError(error);
      if (!signal.aborted && failure.code !== "closed") this.failure = failure;
    }
  }

  /** Told by the picture. */
  showed(t: number): void {
    this.t = t;
    if (!this.live && this.playing) this.shown = followRange(this.shown, this.range, t, this.reverse);
  }

  #ask(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (toAppError(error).code !== "closed") this.#app.fail(error);
    });
  }

  toggle(): void {
    const { api } = this.link;
    if (this.status?.state === "playing") {
      this.#ask(api.pause());
    } else {
      this.#ask(api.play(this.speed));
    }
  }
  play(): void {
    this.#ask(this.link.api.play(this.speed));
  }
  pause(): void {
    this.#ask(this.link.api.pause());
  }
  seek(t: number): void {
    const { start, end } = this.range;
    const held = Math.min(end, Math.max(start, Math.round(t)));
    this.t = held;
    if (held < this.shown.start || held > this.shown.end) this.shown = followRange(this.shown, this.range, held);
    this.#ask(this.link.api.seek(held));
  }
  step(slices: number, windowUs: number): void {
    this.#ask(this.link.api.step(slices, windowUs));
  }
  setSpeed(speed: number): void {
    this.speed = Math.min(SPEED_MAX, Math.max(SPEED_MIN, Number(speed.toPrecision(3))));
    this.#ask(this.link.api.setSpeed(this.speed));
  }
  /** The next step of 1, 2, 5. */
  nudgeSpeed(faster: boolean): void {
    const steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10];
    const next = faster ? steps.find((step) => step > this.speed * 1.001) : steps.findLast((step) => step < this.speed * 0.999);
    if (next !== undefined) this.setSpeed(next);
  }

  /** The other way through time; going back begins at once, going on leaves a pause as it is. */
  turnRound(): void {
    this.reverse = !this.reverse;
    this.#ask(this.link.api.setReverse(this.reverse));
    if (this.reverse && !this.playing) this.play();
  }

  /** Shows the events of a part of the sensor; absent: all of it. */
  setRegion(region: Region | undefined): void {
    this.region = region;
    this.#ask(this.link.api.setFilters(region === undefined ? [] : [{ id: "roi", params: { ...region } }]));
  }

  setIn(t: number | undefined): void {
    this.inPoint = t === undefined ? undefined : Math.round(t);
    if (this.inPoint !== undefined && this.outPoint !== undefined && this.outPoint <= this.inPoint) this.outPoint = undefined;
    this.#applyLoop();
  }
  setOut(t: number | undefined): void {
    this.outPoint = t === undefined ? undefined : Math.round(t);
    if (this.outPoint !== undefined && this.inPoint !== undefined && this.outPoint <= this.inPoint) this.inPoint = undefined;
    this.#applyLoop();
  }
  /** The span between in and out; ends that are not set are the recording's. */
  get marked(): TimeRange | undefined {
    if (this.inPoint === undefined && this.outPoint === undefined) return undefined;
    return { start: this.inPoint ?? this.range.start, end: this.outPoint ?? this.range.end };
  }
  mark(range: TimeRange | undefined): void {
    this.inPoint = range?.start;
    this.outPoint = range?.end;
    this.#applyLoop();
  }
  setLooping(looping: boolean): void {
    this.looping = looping;
    this.#applyLoop();
  }
  #applyLoop(): void {
    if (this.live) return;
    this.#ask(this.link.api.setLoop(this.looping ? (this.marked ?? this.range) : undefined));
  }

  addMarker(): void {
    const t = Math.round(this.t);
    this.markers = this.markers.includes(t)
      ? this.markers.filter((one) => one !== t)
      : [...this.markers, t].sort((a, b) => a - b);
  }
  /** To the next marker or edge in that direction. */
  jump(edges: readonly number[], forward: boolean): void {
    const all = [...this.markers, ...edges].sort((a, b) => a - b);
    const next = forward ? all.find((one) => one > this.t + 1) : all.findLast((one) => one < this.t - 1);
    if (next !== undefined) this.seek(next);
  }

  zoom(at: number, factor: number): void {
    this.shown = zoomRange(this.shown, this.range, at, factor);
  }
  show(range: TimeRange): void {
    this.shown = holdRange(range, this.range);
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.link.close();
    if (this.#app.stream?.label === this.handle.info.label) this.#app.stream = undefined;
    // The engine may be gone already: then there is nothing left to close.
    if (this.#app.connection === "open")
      this.#app
        .use()
        .streams.close(this.handle.id)
        .catch((error: unknown) => this.#app.fail(error));
  }
}
