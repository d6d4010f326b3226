import { join } from "node:path";
import type { LayerAlignment, RunEvent } from "#shared/api/run.ts";
import type { Network } from "#main/units/models/model.ts";
import type { Best } from "./checkpoint.ts";
import type { Samples } from "./load.ts";
import type { ChosenTransfer, Recipe } from "./spec.ts";
import type { Values } from "./tensor-file.ts";

/** What one training is given. */
export interface Training {
  readonly recipe: Recipe;
  readonly transfer: ChosenTransfer;
  readonly train: Samples;
  readonly validation: Samples;
  readonly pictures: Samples;
  readonly classes: number;
  /** Weights to start from; those that fit are taken over. */
  readonly initial: Values | undefined;
  readonly folder: string;
  readonly resume: boolean;
  /** Named in events instead of the plan's phase when this is the control. */
  readonly control: boolean;
  readonly emit: (event: RunEvent) => void;
  /** Compares the streams after every epoch, where there are pictures to compare with. Must not draw from the training's generators. */
  readonly compareStreams?: (network: Network) => Promise<LayerAlignment>;
  /** Asked between steps. */
  readonly stopping: () => boolean;
}

/** What it leaves. */
export interface Trained {
  readonly network: Network;
  readonly head: string;
  readonly stopped: boolean;
  readonly best: Best | undefined;
  /** Weights of the best epoch, in the network as well. */
  readonly weights: Values;
}

/** Folder of a training inside its run. */
export const checkpointFolder = (runDir: string, control: boolean): string =>
  join(runDir, "checkpoints", control ? "control" : "main");
