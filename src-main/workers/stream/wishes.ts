import type { AppError } from "#shared/api/errors.ts";

/** What is wanted of a player: the state in charge looks here when it is poked, and nothing else interrupts it. */
export class Wishes {
  playing = false;
  /** Where to go, µs. */
  seek: number | undefined;
  end = false;
  #interrupt = new AbortController();
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** What is being read is not wanted any more. */
  get outdated(): boolean {
    return this.seek !== undefined || this.end;
  }

  /** Ends the wait that is going on. */
  poke(): void {
    this.#interrupt.abort();
  }

  /** A signal for one wait, aborted by the next poke. */
  listen(): AbortSignal {
    if (this.#interrupt.signal.aborted) this.#interrupt = new AbortController();
    return this.#interrupt.signal;
  }

  /** Resolves when the place wanted has been reached, or a newer one in its stead. */
  met(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  settle(error?: AppError): void {
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}
