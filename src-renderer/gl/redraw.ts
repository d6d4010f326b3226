/** Asks for one painting a display frame, however often something changes; while nothing changes, nothing is painted. */
export class Redraw {
  #frame = 0;
  #paint: (() => void) | undefined;

  /** Names who paints, and has it paint. @returns its end. */
  attach(paint: () => void): () => void {
    this.#paint = paint;
    this.touch();
    return () => {
      if (this.#paint !== paint) return;
      this.#paint = undefined;
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
    };
  }

  /** Something has changed. */
  touch(): void {
    if (this.#frame !== 0 || this.#paint === undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint?.();
    });
  }
}

/** Calls at most every `ms`, the last time asked for included. */
export function seldom(ms: number, act: () => void): { ask(): void; end(): void } {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (): void => {
    timer = undefined;
    last = performance.now();
    act();
  };
  return {
    ask: () => {
      if (timer !== undefined) return;
      const wait = last + ms - performance.now();
      if (wait <= 0) run();
      else timer = setTimeout(run, wait);
    },
    end: () => clearTimeout(timer),
  };
}
