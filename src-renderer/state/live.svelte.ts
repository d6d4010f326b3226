import type { EngineApi } from "#shared/api/engine-api.ts";
import { toErrorData, type AppErrorData } from "#shared/api/errors.ts";
import type { Prediction } from "#shared/api/stream-api.ts";
import type { Remote } from "#shared/channel/channel.ts";
import { calm, Decider, type Decision, type DecisionSettings } from "./decision.ts";

/** One window as the ribbon keeps it. */
export interface RibbonColumn {
  readonly prediction: Prediction;
  readonly decision: Decision;
}

/** How much the ribbon shows, µs of stream time. */
export const RIBBON_US = 10_000_000;
/** The page shows at most so many answers a second; every one is decided on. */
const MAX_DRAWN_HZ = 20;

/** Live classification of one stream by one model. */
export class LiveSession {
  decision = $state.raw<Decision | undefined>(undefined);
  latest = $state.raw<Prediction | undefined>(undefined);
  ribbon = $state.raw<readonly RibbonColumn[]>([]);
  /** Answers per second of wall time, over the last second. */
  rateHz = $state(0);
  error = $state.raw<AppErrorData | undefined>(undefined);
  settings = $state.raw<DecisionSettings>(calm);
  windows = $state(0);

  readonly #decider = new Decider(calm);
  readonly #controller = new AbortController();
  #columns: RibbonColumn[] = [];
  #arrivals: number[] = [];
  #drawn = 0;

  constructor(
    engine: Remote<EngineApi>,
    streamId: string,
    modelId: string,
    timing: { readonly windowUs?: number; readonly strideUs?: number },
  ) {
    void this.#follow(engine, streamId, modelId, timing);
  }

  /** Changes how scores become a word, from the next window on. */
  decide(settings: DecisionSettings): void {
    this.settings = settings;
    this.#decider.settings = settings;
  }

  async #follow(
    engine: Remote<EngineApi>,
    streamId: string,
    modelId: string,
    timing: { readonly windowUs?: number; readonly strideUs?: number },
  ): Promise<void> {
    try {
      for await (const prediction of engine.inference.start(streamId, modelId, timing, this.#controller.signal))
        this.#take(prediction);
    } catch (error) {
      if (!this.#controller.signal.aborted) this.error = toErrorData(error);
    }
  }

  #take(prediction: Prediction): void {
    const decision = this.#decider.push(prediction);
    const previous = this.#columns.at(-1);
    if (previous !== undefined && prediction.t < previous.prediction.t) this.#columns = [];
    this.#columns.push({ prediction, decision });
    const oldest = prediction.t - RIBBON_US;
    while ((this.#columns[0]?.prediction.t ?? Infinity) < oldest) this.#columns.shift();

    const now = performance.now();
    this.#arrivals.push(now);
    while ((this.#arrivals[0] ?? now) < now - 1000) this.#arrivals.shift();
    this.windows += 1;
    if (now - this.#drawn < 1000 / MAX_DRAWN_HZ && decision.answer === this.decision?.answer) return;
    this.#drawn = now;
    this.rateHz = this.#arrivals.length;
    this.decision = decision;
    this.latest = prediction;
    this.ribbon = [...this.#columns];
  }

  close(): void {
    this.#controller.abort();
  }
}
