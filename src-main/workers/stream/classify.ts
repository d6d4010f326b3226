import { connect as connectSocket } from "node:net";
import { AppError } from "#shared/api/errors.ts";
import type { InferenceApi } from "#shared/api/compute-api.ts";
import type { ClassifyOptions, Prediction } from "#shared/api/stream-api.ts";
import { connect, type Remote } from "#shared/channel/channel.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor, TimeRange } from "#shared/events/sensor.ts";
import { parseParams } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { representations } from "#main/units/representations/index.ts";
import type { Accumulator } from "#main/units/representations/representation.ts";
import type { Hub, Tap } from "./hub.ts";
import type { Leads } from "./open-stream.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { createFilterChain, type FilterChain } from "#main/units/filters/chain.ts";
import { WindowBuffer } from "./window-buffer.ts";

/** A window as the network wants it, with what a page shows of it. */
interface DenseWindow {
  readonly t: number;
  readonly dense: Float32Array;
  readonly on: number;
  readonly off: number;
  readonly bins: { readonly on: readonly number[]; readonly off: readonly number[] };
}

function check(options: ClassifyOptions): void {
  for (const name of ["windowUs", "strideUs"] as const) {
    const value = options[name];
    if (!(Number.isFinite(value) && value >= 1)) {
      throw new AppError("bad-argument", `"${name}" is ${value}`, { hint: "Give a span in µs of at least 1." });
    }
  }
  if (!/^[0-9a-f]{64}$/i.test(options.compute.token)) {
    throw new AppError("bad-argument", "The token of the compute worker is not 32 bytes in hexadecimal");
  }
}

/** A private line to the compute worker: the token first, then frames. */
function openLine(compute: ClassifyOptions["compute"]): { readonly api: Remote<InferenceApi>; close(): void } {
  const socket = connectSocket(compute.path);
  socket.write(Buffer.from(compute.token, "hex"));
  const port = fromStream(socket);
  return { api: connect<InferenceApi>(port), close: () => port.close() };
}

/** Turns events into dense windows with the model's own filters and representation. */
class Windows {
  readonly #options: ClassifyOptions;
  readonly #sensor: Sensor;
  readonly #accumulator: Accumulator;
  readonly #dense: Float32Array;
  readonly #buffer = new WindowBuffer();
  #chain: FilterChain;

  constructor(options: ClassifyOptions, sensor: Sensor) {
    this.#options = options;
    this.#sensor = sensor;
    const unit = findUnit("representation", representations, options.representation.id);
    const params = parseParams(unit.params, options.representation.params, `representation "${unit.id}"`);
    this.#accumulator = unit.create(params, sensor);
    this.#dense = new Float32Array(this.#accumulator.shape.reduce((product, side) => product * side, 1));
    this.#chain = createFilterChain(options.filters, sensor);
  }

  reset(): void {
    this.#buffer.clear();
    this.#chain = createFilterChain(this.#options.filters, this.#sensor);
  }

  add(packet: EventPacket): void {
    this.#buffer.add(this.#chain(packet));
  }

  /** Lent until the next call. */
  make({ start, end }: TimeRange): DenseWindow {
    const packet = this.#buffer.window(start, end);
    this.#accumulator.clear();
    this.#accumulator.add(packet);
    this.#accumulator.read(this.#dense, { start, end });
    const steps = this.#accumulator.shape[0];
    const bins = { on: new Array<number>(steps).fill(0), off: new Array<number>(steps).fill(0) };
    const { words } = packet;
    const scale = steps / (end - start);
    const shift = packet.t0 - start;
    let on = 0;
    for (let i = 0; i < words.length; i += 2) {
      const bin = Math.min(steps - 1, Math.max(0, Math.floor(((words[i] ?? 0) + shift) * scale)));
      const polarity = (words[i + 1] ?? 0) >>> 28;
      on += polarity;
      const counts = polarity === 0 ? bins.off : bins.on;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return { t: end, dense: this.#dense, on, off: (words.length >>> 1) - on, bins };
  }

  forget(before: number): void {
    this.#buffer.dropBefore(before);
  }
}

async function predict(
  api: Remote<InferenceApi>,
  options: ClassifyOptions,
  window: DenseWindow,
  fullAtMs: number,
  signal: AbortSignal,
): Promise<Prediction> {
  const handedOverMs = performance.now() - fullAtMs;
  const answer = await api.predict(options.session, window.dense, signal);
  let best = 0;
  for (const [index, score] of answer.scores.entries()) if (score > (answer.scores[best] ?? -Infinity)) best = index;
  return {
    t: window.t,
    label: options.classes?.[best] ?? String(best),
    scores: answer.scores,
    waitMs: handedOverMs + answer.waitMs,
    computeMs: answer.computeMs,
    on: window.on,
    off: window.off,
    bins: window.bins,
    spikeRates: answer.spikeRates,
  };
}

/** Notices when a window is full. While an answer is awaited, newer windows take the place of older ones. */
class WindowTap implements Tap {
  readonly #windows: Windows;
  readonly #windowUs: number;
  readonly #strideUs: number;
  #from = 0;
  #boundary: number | undefined;
  #due: { readonly range: TimeRange; readonly fullAtMs: number } | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  /** Counts seeks: an answer about what was before one is nobody's any more. */
  era = 0;

  constructor(windows: Windows, { windowUs, strideUs }: ClassifyOptions) {
    this.#windows = windows;
    this.#windowUs = Math.round(windowUs);
    this.#strideUs = Math.round(strideUs);
  }

  reset(from: number): void {
    this.era += 1;
    this.#from = from;
    this.#boundary = this.#due = undefined;
    this.#windows.reset();
  }

  events(packet: EventPacket): void {
    this.#windows.add(packet);
  }

  advance(t: number): void {
    const last = this.#boundary;
    let next: number;
    if (last === undefined) {
      if (t - this.#from < this.#windowUs) return;
      next = t;
    } else {
      next = last + Math.floor((t - last) / this.#strideUs) * this.#strideUs;
      if (next <= last) return;
    }
    this.#boundary = next;
    this.#due = { range: { start: next - this.#windowUs, end: next }, fullAtMs: performance.now() };
    this.#windows.forget(next - this.#windowUs);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Waits for a full window. False when nothing will come any more. */
  async wanted(): Promise<boolean> {
    while (this.#due === undefined && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    return !this.#ended;
  }

  /** The newest full window and since when it is full (ms); lent until the next call. */
  take(): { readonly window: DenseWindow; readonly fullAtMs: number } | undefined {
    const due = this.#due;
    this.#due = undefined;
    return due === undefined ? undefined : { window: this.#windows.make(due.range), fullAtMs: due.fullAtMs };
  }
}

/** Answers over what passes through a hub, one at a time, always about the newest window. */
export async function* classifyTap(
  hub: Hub,
  options: ClassifyOptions,
  signal: AbortSignal,
  leads: Leads | undefined,
  joined: () => void,
): AsyncGenerator<Prediction> {
  check(options);
  const windows = new Windows(options, hub.sensor);
  const tap = new WindowTap(windows, options);
  const line = openLine(options.compute);
  const leave = (): void => tap.end();
  signal.addEventListener("abort", leave, { once: true });
  leads?.add(tap, options.windowUs);
  const membership = hub.tap("raw", tap);
  try {
    joined();
    while (await tap.wanted()) {
      const { era } = tap;
      const full = tap.take();
      if (full === undefined) continue;
      const prediction = await predict(line.api, options, full.window, full.fullAtMs, signal);
      if (era === tap.era) yield prediction;
    }
  } finally {
    membership[Symbol.dispose]();
    leads?.remove(tap);
    signal.removeEventListener("abort", leave);
    line.close();
  }
}

/** Answers over a part of a recording at full speed; every window is answered. A part shorter than a window is one. */
export async function* classifyOffline(
  path: string,
  options: ClassifyOptions,
  range: TimeRange,
  signal: AbortSignal,
): AsyncGenerator<Prediction> {
  check(options);
  const { recording } = await openRecording(path);
  try {
    const windows = new Windows(options, recording.info.sensor);
    const windowUs = Math.round(Math.min(options.windowUs, range.end - range.start));
    if (!(windowUs >= 1)) throw new AppError("bad-argument", `There is nothing between ${range.start} and ${range.end} µs`);
    const strideUs = Math.max(1, Math.round(options.strideUs));
    const line = openLine(options.compute);
    try {
      let end = range.start + windowUs;
      const answer = (): Promise<Prediction> =>
        predict(line.api, options, windows.make({ start: end - windowUs, end }), performance.now(), signal);
      for await (const packet of recording.read({ from: range.start, to: range.end, signal })) {
        const { words, t0 } = packet;
        const last = t0 + (words[words.length - 2] ?? -Infinity);
        // Windows that end within this packet need what it holds before their end; the rest of it is cut off by the range.
        windows.add(packet);
        while (last >= end && end <= range.end) {
          yield await answer();
          end += strideUs;
          windows.forget(end - windowUs);
        }
      }
      for (; end <= range.end && !signal.aborted; end += strideUs) yield await answer();
    } finally {
      line.close();
    }
  } finally {
    await recording.close();
  }
}
