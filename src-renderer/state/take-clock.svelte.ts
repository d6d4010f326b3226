import type { CapturePage } from "./capture.svelte.ts";

/** What the running take says on the screen: which class, since when, or in how long. */
export class TakeClock {
  readonly #page: CapturePage;
  #now = $state(performance.now());

  constructor(page: CapturePage) {
    this.#page = page;
  }

  tick(): void {
    this.#now = performance.now();
  }

  /** Seconds until the countdown ends; absent without one. */
  get counting(): number | undefined {
    const startsAt = this.#page.running?.startsAt;
    return startsAt === undefined ? undefined : Math.max(0, (startsAt - this.#now) / 1000);
  }

  /** Seconds recorded so far. */
  get seconds(): number {
    const { running } = this.#page;
    return running === undefined ? 0 : Math.max(0, (this.#now - running.since) / 1000);
  }

  /** Whether bytes go to the disk just now. */
  get recording(): boolean {
    return this.#page.running !== undefined && this.counting === undefined;
  }

  get className(): string | undefined {
    return this.#page.classes.find((one) => one.id === this.#page.running?.classId)?.name;
  }
}
