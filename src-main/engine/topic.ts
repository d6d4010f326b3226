/** A value that changes and those who follow it. */
export interface Topic<T> {
  readonly value: T;
  set(value: T): void;
  /** The value now and then every newer one; a slow follower gets the newest and misses those between. */
  watch(signal?: AbortSignal): AsyncGenerator<T, void, undefined>;
}

/** A topic; `close` ends every feed of it. */
export function createTopic<T>(initial: T): Topic<T> & { close(): void } {
  let value = initial;
  let version = 0;
  let closed = false;
  const waiting = new Set<() => void>();
  const notify = (): void => {
    for (const wake of [...waiting]) wake();
  };
  // One promise for each wait: racing against one that lives as long as the feed would keep every round in memory.
  const changed = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  return {
    get value() {
      return value;
    },
    set: (next) => {
      value = next;
      version += 1;
      notify();
    },
    async *watch(signal) {
      for (let seen = -1; !closed && signal?.aborted !== true;) {
        if (seen !== version) {
          seen = version;
          yield value;
        } else {
          await changed(signal);
        }
      }
    },
    close: () => {
      closed = true;
      notify();
    },
  };
}

/** Waits, but not beyond the signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, signal?.aborted === true ? 0 : ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/**
 * A method with optional arguments as a channel may call it: the channel puts its signal behind the arguments that came,
 * so what was left out has to be put in between.
 */
export function padded<A extends unknown[], R>(arity: number, method: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const last = args.at(-1);
    if (!(last instanceof AbortSignal) || args.length > arity) return method(...args);
    const given = args.slice(0, -1);
    while (given.length < arity) given.push(undefined);
    return method(...([...given, last] as unknown as A));
  };
}
