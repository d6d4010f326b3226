import { AppError } from "#shared/api/errors.ts";
import type { CameraReading } from "#shared/api/devices.ts";
import type { PlayerState, RateStrip, StreamApi, StreamStatus, ViewFrame } from "#shared/api/stream-api.ts";
import type { StreamInfo, TimeRange } from "#shared/events/sensor.ts";
import type { UnitRef } from "#shared/units/unit.ts";
import { fakeEvents, liveliness } from "./fake-scene.ts";

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** A stream that draws its events: for tests and for looking at pages without an engine. */
export class FakeStream implements StreamApi {
  readonly #info: StreamInfo;
  readonly #seed: number;
  #t: number;
  #state: PlayerState;
  #speed = 1;
  #reverse = false;
  #loop: TimeRange | undefined;
  #clock = performance.now();
  #seeks = 0;
  /** What has been asked of it, for tests. */
  readonly calls: string[] = [];

  constructor(info: StreamInfo, seed = 1) {
    this.#info = info;
    this.#seed = seed;
    this.#t = info.range?.start ?? 0;
    this.#state = info.range === undefined ? "live" : "paused";
  }

  #tick(): void {
    const now = performance.now();
    const passed = (now - this.#clock) * 1000 * (this.#state === "live" ? 1 : this.#speed);
    this.#clock = now;
    if (this.#state !== "playing" && this.#state !== "live") return;
    if (this.#reverse && this.#state === "playing") return this.#tickBack(passed);
    this.#t += Math.round(passed);
    const end = this.#loop?.end ?? this.#info.range?.end ?? Infinity;
    if (this.#t < end) return;
    if (this.#loop === undefined) {
      this.#t = end;
      this.#state = "ended";
    } else {
      this.#t = this.#loop.start;
      this.#seeks += 1;
    }
  }

  /** Every picture of a stream that runs backwards is begun anew. */
  #tickBack(passed: number): void {
    const start = this.#loop?.start ?? this.#info.range?.start ?? 0;
    this.#t = Math.max(start, this.#t - Math.round(passed));
    this.#seeks += 1;
    if (this.#t > start) return;
    if (this.#loop === undefined) this.#state = "ended";
    else this.#t = this.#loop.end;
  }

  info(): Promise<StreamInfo> {
    return Promise.resolve(this.#info);
  }
  play(speed?: number): Promise<void> {
    this.calls.push("play");
    this.#tick();
    const { start, end } = this.#info.range ?? { start: 0, end: 0 };
    if (this.#state === "ended") this.#t = this.#reverse ? end : start;
    this.#state = "playing";
    this.#speed = speed ?? this.#speed;
    return Promise.resolve();
  }
  pause(): Promise<void> {
    this.calls.push("pause");
    this.#tick();
    this.#state = "paused";
    return Promise.resolve();
  }
  seek(t: number): Promise<void> {
    this.calls.push(`seek ${t}`);
    const { start, end } = this.#info.range ?? { start: 0, end: Infinity };
    this.#t = Math.min(end, Math.max(start, Math.round(t)));
    if (this.#state === "ended") this.#state = "paused";
    this.#seeks += 1;
    return Promise.resolve();
  }
  step(slices: number, windowUs: number): Promise<void> {
    this.#state = "paused";
    return this.seek(this.#t + slices * windowUs);
  }
  setSpeed(speed: number): Promise<void> {
    this.#tick();
    this.#speed = speed;
    return Promise.resolve();
  }
  setReverse(reverse: boolean): Promise<void> {
    this.calls.push(`reverse ${reverse}`);
    this.#tick();
    this.#reverse = reverse;
    return Promise.resolve();
  }
  setLoop(range: TimeRange | undefined): Promise<void> {
    this.#loop = range;
    return Promise.resolve();
  }
  setFilters(refs: readonly UnitRef[]): Promise<void> {
    this.calls.push(`filters ${refs.map(({ id, params }) => `${id} ${Object.values(params ?? {}).join(" ")}`).join(", ")}`);
    return Promise.resolve();
  }
  configure(): Promise<void> {
    this.calls.push("configure");
    return Promise.resolve();
  }

  async *view({ windowUs }: { windowUs: number }, signal?: AbortSignal): AsyncGenerator<ViewFrame> {
    let seen = -1;
    let from = 0;
    while (signal?.aborted !== true) {
      this.#tick();
      const reset = seen !== this.#seeks;
      if (reset) from = this.#t - windowUs;
      if (reset || this.#t > from) {
        seen = this.#seeks;
        const t = this.#t;
        yield { kind: "events", t, from, reset, packet: fakeEvents(this.#info.sensor, Math.max(0, from), t, this.#seed) };
        from = t;
      }
      await pause(16, signal);
    }
  }

  async *status(signal?: AbortSignal): AsyncGenerator<StreamStatus> {
    while (signal?.aborted !== true) {
      this.#tick();
      const rateHz = 76_000 * liveliness(this.#t);
      yield {
        state: this.#state,
        t: this.#t,
        speed: this.#speed,
        reverse: this.#reverse,
        loop: this.#loop,
        rateHz,
        filteredRateHz: rateHz,
        onShare: 0.55,
        backlogBytes: 0,
        behindUs: 800,
        dropped: 0,
        damage: 0,
        recording: undefined,
      };
      await pause(100, signal);
    }
  }

  readings(): Promise<readonly CameraReading[]> {
    return Promise.resolve([{ label: "Temperature", value: 41.2, unit: "°C" }]);
  }
  rate(columns: number): Promise<RateStrip> {
    const { range } = this.#info;
    if (range === undefined) return Promise.reject(new AppError("unsupported", "A camera has no rate strip"));
    return Promise.resolve(fakeRate(range, columns));
  }
  record(): Promise<void> {
    this.calls.push("record");
    return Promise.resolve();
  }
  stopRecording(): Promise<never> {
    return Promise.reject(new AppError("unsupported", "The engine records"));
  }
  classify(): AsyncIterable<never> {
    throw new AppError("unsupported", "There is no network here");
  }
}

/** Counts over a span, as liveliness says. */
export function fakeRate(range: TimeRange, columns: number): RateStrip {
  const stepUs = Math.max(1, Math.ceil((range.end - range.start) / columns));
  const at = (i: number): number =>
    liveliness(range.start + i * stepUs) * (0.7 + 0.3 * Math.sin(i * 12.9898) ** 2) * stepUs * 0.08;
  return {
    start: range.start,
    stepUs,
    on: Uint32Array.from({ length: columns }, (_, i) => at(i) * 0.55),
    off: Uint32Array.from({ length: columns }, (_, i) => at(i) * 0.45),
  };
}
