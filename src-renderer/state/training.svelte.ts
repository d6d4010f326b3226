import type { DatasetInfo, EngineApi, ModelInfo, RunPreview } from "#shared/api/engine-api.ts";
import { toErrorData, type AppErrorData } from "#shared/api/errors.ts";
import type { RunSpecInput, SplitSpec, TrainEstimate } from "#shared/api/run.ts";
import type { Remote } from "#shared/channel/channel.ts";
import type { RawParams } from "#shared/units/params.ts";
import type { UnitRef } from "#shared/units/unit.ts";
import { advance, emptyProgress, type RunProgress } from "./run-progress.ts";

/** Where knowledge comes from. */
export type KnowledgeSource = "pictures" | "model" | "nothing";
export type Effort = "quick" | "balanced" | "best";

/** What an effort means; measured figures are in docs/benchmarks.md. */
export const efforts: Readonly<Record<Effort, { readonly preset: string; readonly epochs: number; readonly words: string }>> = {
  quick: { preset: "nano", epochs: 20, words: "20 epochs, small network, 16 × 16" },
  balanced: { preset: "tiny", epochs: 30, words: "30 epochs, medium network, 24 × 24" },
  best: { preset: "small", epochs: 60, words: "60 epochs, wide network, 32 × 32" },
};

/** How often a page is drawn while events of a run come in. */
const REDRAW_MS = 150;

/** How long a form has to rest before its consequences are computed again. */
const REST_MS = 350;

/**
 * The form of the Train page. Whatever is changed, the preview (what will be used) follows at once and the estimate (what it will
 * cost, from two real batches) when asked for or when the form rests.
 */
export class TrainingForm {
  datasetName = $state("clips");
  knowledge = $state<KnowledgeSource>("pictures");
  pictures = $state<string | undefined>(undefined);
  model = $state<string | undefined>(undefined);
  effort = $state<Effort>("quick");
  control = $state(true);
  backend = $state("auto");
  seed = $state(1);
  /** How many runs are started, with seeds one after the other. */
  seeds = $state(1);
  batchSize = $state(32);
  perClass = $state(0);
  splitBy = $state<SplitSpec["by"]>("sample");
  /** The method with pictures, and without; a trained model is tuned further. */
  pictureMethod = $state("sliding-kt");
  baseline = $state("scratch");
  /** What differs from the defaults, by method. */
  methodParams = $state.raw<Readonly<Record<string, RawParams>>>({});
  /** Empty: the network that belongs to the method. */
  network = $state("");
  /** Variations of training clips, in the order in which they were switched on. */
  augmentations = $state.raw<readonly Required<UnitRef>[]>([]);

  datasets = $state.raw<readonly DatasetInfo[]>([]);
  models = $state.raw<readonly ModelInfo[]>([]);
  preview = $state.raw<RunPreview | undefined>(undefined);
  refusal = $state.raw<AppErrorData | undefined>(undefined);
  estimate = $state.raw<TrainEstimate | undefined>(undefined);
  estimateError = $state.raw<AppErrorData | undefined>(undefined);
  estimating = $state(false);
  starting = $state(false);

  readonly #engine: Remote<EngineApi>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(engine: Remote<EngineApi>) {
    this.#engine = engine;
  }

  /** Reads what there is to choose from and makes the first choice. */
  async load(): Promise<void> {
    const [datasets, models] = await Promise.all([this.#engine.datasets.list(), this.#engine.models.list()]);
    this.datasets = datasets;
    this.models = models;
    const usable = datasets.filter((set) => set.kind === "events" && set.samples > 0 && set.classes.length > 1);
    if (!usable.some((set) => set.name === this.datasetName)) this.datasetName = usable[0]?.name ?? this.datasetName;
    const classes = new Set(usable.find((set) => set.name === this.datasetName)?.classes);
    const shared = (set: DatasetInfo): number => set.classes.filter((name) => classes.has(name)).length;
    this.pictures ??= datasets.filter((set) => set.kind === "images").toSorted((a, b) => shared(b) - shared(a))[0]?.name;
    this.model ??= models[0]?.id;
    if (this.pictures === undefined && this.knowledge === "pictures") this.knowledge = "nothing";
  }

  /** The way to transfer that follows from where knowledge comes from. */
  get method(): string {
    return this.knowledge === "pictures" ? this.pictureMethod : this.knowledge === "model" ? "fine-tune" : this.baseline;
  }

  set method(id: string) {
    if (this.knowledge === "pictures") this.pictureMethod = id;
    else if (this.knowledge === "nothing") this.baseline = id;
    this.refresh();
  }

  /** Changes parameters of the method. */
  setMethodParams(params: RawParams): void {
    this.methodParams = { ...this.methodParams, [this.method]: params };
    this.refresh();
  }

  /** Switches a variation on with these parameters, changes them, or switches it off. */
  setAugmentation(id: string, params: RawParams | undefined): void {
    const others = this.augmentations.filter((one) => one.id !== id);
    if (params === undefined) this.augmentations = others;
    else if (others.length === this.augmentations.length) this.augmentations = [...others, { id, params }];
    else this.augmentations = this.augmentations.map((one) => (one.id === id ? { id, params } : one));
    this.refresh();
  }

  /** The run file this form stands for. */
  get spec(): RunSpecInput {
    const { preset, epochs } = efforts[this.effort];
    const source =
      this.knowledge === "pictures" && this.pictures !== undefined
        ? { dataset: this.pictures }
        : this.knowledge === "model" && this.model !== undefined
          ? { model: this.model }
          : undefined;
    const { method } = this;
    return {
      dataset: { name: this.datasetName },
      ...(source && { source }),
      transfer: { id: method, params: this.methodParams[method] ?? {} },
      // Without an id the parameters are those of the network that belongs to the method.
      model: { ...(this.network !== "" && { id: this.network }), params: { preset } },
      augmentations: this.augmentations,
      labels: { perClass: this.perClass },
      split: { by: this.splitBy },
      epochs,
      batchSize: this.batchSize,
      seed: this.seed,
      backend: this.backend,
      control: this.control && source !== undefined,
    };
  }

  /** Brings preview and estimate up to date once the form has rested. */
  refresh(): void {
    clearTimeout(this.#timer);
    const spec = this.spec;
    const asked = ++this.#asked;
    this.estimate = undefined;
    this.#timer = setTimeout(() => void this.#compute(spec, asked), REST_MS);
  }

  async #compute(spec: RunSpecInput, asked: number): Promise<void> {
    try {
      const preview = await this.#engine.runs.preview(spec);
      if (asked !== this.#asked) return;
      this.preview = preview;
      this.refusal = undefined;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.preview = undefined;
      this.refusal = toErrorData(error);
      return;
    }
    this.estimating = true;
    try {
      const estimate = await this.#engine.runs.estimate(spec);
      if (asked !== this.#asked) return;
      this.estimate = estimate;
      this.estimateError = undefined;
    } catch (error) {
      if (asked === this.#asked) this.estimateError = toErrorData(error);
    } finally {
      if (asked === this.#asked) this.estimating = false;
    }
  }

  /** Starts a run for each seed and answers with the id of the first; the others wait for their turn. */
  async start(): Promise<string> {
    this.starting = true;
    try {
      const { spec } = this;
      const first = await this.#engine.runs.start(spec);
      for (let more = 1; more < this.seeds; more += 1) await this.#engine.runs.start({ ...spec, seed: this.seed + more });
      return first;
    } finally {
      this.starting = false;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }
}

/** One run, replayed from its file and followed live: reloading the page loses nothing. */
export class RunFollower {
  progress = $state.raw<RunProgress>(emptyProgress);
  error = $state.raw<AppErrorData | undefined>(undefined);
  readonly #controller = new AbortController();

  constructor(engine: Remote<EngineApi>, id: string) {
    void this.#follow(engine, id);
  }

  async #follow(engine: Remote<EngineApi>, id: string): Promise<void> {
    let progress = emptyProgress;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A replay delivers thousands of events at once: what is drawn follows a few times a second.
    const show = (): void => {
      timer = undefined;
      this.progress = progress;
    };
    try {
      for await (const event of engine.runs.watch(id, 0, this.#controller.signal)) {
        progress = advance(progress, event);
        timer ??= setTimeout(show, REDRAW_MS);
      }
    } catch (error) {
      if (!this.#controller.signal.aborted) this.error = toErrorData(error);
    } finally {
      clearTimeout(timer);
      if (!this.#controller.signal.aborted) show();
    }
  }

  close(): void {
    this.#controller.abort();
  }
}
