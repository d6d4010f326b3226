import type { Prediction } from "#shared/api/stream-api.ts";

/** How a stream of answers becomes one word. */
export interface DecisionSettings {
  /** Windows that the running mean covers. */
  readonly smoothing: number;
  /** Smoothed score that an answer needs. */
  readonly threshold: number;
  /** Windows in a row that must agree before the word changes. */
  readonly agreeing: number;
  /** How long a word stays when nothing is sure any more, µs of stream time. */
  readonly holdUs: number;
}

/** What stands on the screen after one more window. */
export interface Decision {
  readonly t: number;
  readonly raw: readonly number[];
  readonly smoothed: readonly number[];
  /** Position of the class, or undefined for "no decision". */
  readonly answer: number | undefined;
  /** Stream time since which this answer stands, µs. */
  readonly since: number;
}

export const calm: DecisionSettings = { smoothing: 3, threshold: 0.6, agreeing: 2, holdUs: 400_000 };

function indexOfMax(values: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/**
 * Turns scores into a steady word: a running mean over the last windows, a threshold, a number of agreeing windows before the word
 * changes, and a hold time before it goes back to "no decision". Going back in time (a seek, a loop) starts anew.
 */
export class Decider {
  #recent: (readonly number[])[] = [];
  #streak = { index: -1, count: 0 };
  #answer: number | undefined;
  #since = 0;
  #lastSure = 0;
  #t = -Infinity;
  settings: DecisionSettings;

  constructor(settings: DecisionSettings) {
    this.settings = settings;
  }

  push(prediction: Pick<Prediction, "t" | "scores">): Decision {
    const { smoothing, threshold, agreeing, holdUs } = this.settings;
    const { t, scores } = prediction;
    if (t < this.#t) this.reset();
    this.#t = t;
    this.#recent.push(scores);
    while (this.#recent.length > Math.max(1, smoothing)) this.#recent.shift();
    const smoothed = scores.map((_, i) => this.#recent.reduce((sum, row) => sum + (row[i] ?? 0), 0) / this.#recent.length);

    const best = indexOfMax(smoothed);
    const sure = (smoothed[best] ?? 0) >= threshold;
    this.#streak = !sure
      ? { index: -1, count: 0 }
      : { index: best, count: this.#streak.index === best ? this.#streak.count + 1 : 1 };
    if (sure && best === this.#answer) this.#lastSure = t;
    if (sure && best !== this.#answer && this.#streak.count >= agreeing) {
      this.#answer = best;
      this.#since = t;
      this.#lastSure = t;
    } else if (this.#answer !== undefined && t - this.#lastSure > holdUs) {
      this.#answer = undefined;
      this.#since = t;
    }
    return { t, raw: scores, smoothed, answer: this.#answer, since: this.#since };
  }

  reset(): void {
    this.#recent = [];
    this.#streak = { index: -1, count: 0 };
    this.#answer = undefined;
    this.#since = 0;
    this.#lastSure = 0;
    this.#t = -Infinity;
  }
}
