import { AppError } from "#shared/api/errors.ts";
import type { StreamApi, ViewFrame, ViewOptions } from "#shared/api/stream-api.ts";
import type { Hub } from "./hub.ts";
import { ViewTap, viewFrames } from "./view.ts";

/** The one stream of a worker: a recording or a camera. */
export interface OpenStream extends StreamApi {
  close(): Promise<void>;
}

/** Serving code gets a signal as an extra argument; code that calls directly may leave it out. */
export const signalOf = (value: unknown): AbortSignal => (value instanceof AbortSignal ? value : new AbortController().signal);

/** Something that is done at once, as a promise that tells of its failure. */
export const attempt = (act: () => void): Promise<void> =>
  new Promise((resolve) => {
    act();
    resolve();
  });

/** A feed that fails when it is asked for its first item. */
export const failedFeed = (error: Error): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
});

/** How far back in time the viewers and classifiers of a stream look, µs: what a seek has to read first. */
export class Leads {
  readonly #spans = new Map<object, number>();
  readonly #changed: (us: number) => void;

  constructor(changed: (us: number) => void) {
    this.#changed = changed;
  }

  add(who: object, us: number): void {
    this.#spans.set(who, us);
    this.#changed(Math.max(...this.#spans.values()));
  }

  remove(who: object): void {
    this.#spans.delete(who);
    this.#changed(Math.max(0, ...this.#spans.values()));
  }
}

/** A viewer's feed over a hub. `joined` is called once it takes part, to have the present picture made. */
export async function* viewFeed(
  hub: Hub,
  options: ViewOptions,
  signal: AbortSignal,
  leads: Leads | undefined,
  joined: () => void,
): AsyncGenerator<ViewFrame> {
  if (!Number.isFinite(options.windowUs) || options.windowUs < 0) {
    throw new AppError("bad-argument", `A view window of ${options.windowUs} µs is not possible`, {
      hint: "Give a span in µs of at least 0.",
    });
  }
  const tap = new ViewTap(hub.sensor);
  leads?.add(tap, options.windowUs);
  const membership = hub.tap("filtered", tap);
  try {
    joined();
    yield* viewFrames(tap, signal);
  } finally {
    membership[Symbol.dispose]();
    leads?.remove(tap);
  }
}
