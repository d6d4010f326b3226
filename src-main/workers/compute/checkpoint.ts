import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EpochMetrics } from "#shared/api/run.ts";
import { fileError } from "#main/lib/files.ts";
import { readTensorFile, writeTensorFile, type Values } from "./tensor-file.ts";

/** What makes an epoch the best so far. */
export interface Best {
  readonly phase: number;
  readonly epoch: number;
  readonly metrics: EpochMetrics;
}

/** Everything besides tensors that a training needs to go on exactly as if it had not stopped. */
export interface Progress {
  readonly schema: 1;
  /** Guards against going on with another spec. */
  readonly key: string;
  /** Place in the plan's phases, and epochs done in it. */
  readonly phase: number;
  readonly epoch: number;
  readonly optimizerStep: number;
  readonly randoms: Readonly<Record<string, readonly number[]>>;
  readonly decks: { readonly clips: readonly number[]; readonly pictures: readonly number[] };
  readonly best: Best | undefined;
  readonly last: EpochMetrics | undefined;
}

/** The two files of a training: where it stands, and its best weights. */
export class Checkpoints {
  readonly #last: string;
  readonly #best: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#last = join(folder, "last.ckpt");
    this.#best = join(folder, "best.ckpt");
  }

  get lastPath(): string {
    return this.#last;
  }

  async begin(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      await Promise.all([rm(this.#last, { force: true }), rm(this.#best, { force: true })]);
    } catch (error) {
      throw fileError(error, this.#folder, "create");
    }
  }

  /** The best weights first, so that `last` never speaks of weights that are not there. */
  async save(progress: Progress, state: Values, bestWeights: Values | undefined): Promise<void> {
    if (bestWeights !== undefined && progress.best !== undefined) {
      await writeTensorFile(this.#best, progress.best, bestWeights);
    }
    await writeTensorFile(this.#last, progress, state);
  }

  async last(): Promise<{ readonly progress: Progress; readonly state: Values } | undefined> {
    if (!existsSync(this.#last)) return undefined;
    const { meta, values } = await readTensorFile(this.#last);
    return { progress: meta as Progress, state: values };
  }

  async best(): Promise<{ readonly best: Best; readonly weights: Values } | undefined> {
    if (!existsSync(this.#best)) return undefined;
    const { meta, values } = await readTensorFile(this.#best);
    return { best: meta as Best, weights: values };
  }
}
