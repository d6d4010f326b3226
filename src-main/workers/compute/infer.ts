import { randomBytes } from "node:crypto";
import type { WindowAnswer } from "#shared/api/compute-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { ModelManifest } from "#shared/api/run.ts";
import { meanLogits } from "#main/tensor/losses.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Network } from "#main/units/models/model.ts";
import { readModelFolder } from "./model-folder.ts";
import { recipeOf, type InputShape, type Recipe } from "./spec.ts";
import { assignValues } from "./tensor-file.ts";

/** A trained network ready to answer. */
export interface Loaded {
  readonly manifest: ModelManifest;
  readonly recipe: Recipe;
  readonly network: Network;
  readonly head: string;
}

/** Builds the network of a model folder with only the head that is used. @throws AppError `damaged` when weights are missing. */
export async function loadModel(folder: string): Promise<Loaded> {
  const { manifest, weights } = await readModelFolder(folder);
  const recipe = recipeOf(manifest.spec);
  const head = recipe.transfer.heads[0] ?? "";
  const half = (): number => 0.5; // every weight is read from the folder
  const network = recipe.network(manifest.classes.length, { heads: [head] }, { weights: half, noise: half });
  const missing = assignValues(network.weights, weights);
  if (missing.length > 0) {
    network.dispose();
    throw new AppError("damaged", `The model in ${folder} lacks ${missing.join(", ")}`, {
      hint: "Copy the model again, or train anew.",
    });
  }
  return { manifest, recipe, network, head };
}

/** One window through the network, batch 1. */
export async function answerWindow(
  { network, head }: Pick<Loaded, "network" | "head">,
  [steps, height, width, channels]: InputShape,
  window: Float32Array,
): Promise<{ readonly scores: number[]; readonly spikeRates: Record<string, number> }> {
  const out = tf.tidy(() => {
    const x = tf.tensor4d(window, [steps, height, width, channels]);
    const { logits, spikes = {} } = network.forward(x, { head, training: false, features: false, spikes: true });
    const scores = tf.softmax(tf.reshape(meanLogits(logits as never, steps), [-1]));
    const rates = Object.values(spikes).map((tensor) => tf.mean(tensor));
    return { scores, rates: rates.length > 0 ? tf.stack(rates) : tf.zeros([0]), names: Object.keys(spikes) };
  });
  const [scores, rates] = await Promise.all([out.scores.data(), out.rates.data()]);
  tf.dispose([out.scores, out.rates]);
  return { scores: [...scores], spikeRates: Object.fromEntries(out.names.map((name, index) => [name, rates[index] ?? 0])) };
}

/** Windows answered before timing begins, and timed after. */
const WARM_UP_WINDOWS = 3;
const TIMED_WINDOWS = 15;

/** Median time of one window, ms, batch 1. */
export async function latencyOf(
  loaded: Pick<Loaded, "network" | "head">,
  input: InputShape,
  window: Float32Array,
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_WINDOWS + TIMED_WINDOWS; i += 1) {
    const began = performance.now();
    await answerWindow(loaded, input, window);
    if (i >= WARM_UP_WINDOWS) times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

/** The models that are loaded, by session key. Windows are answered one after the other, between training steps. */
export class Sessions {
  readonly #sessions = new Map<string, Loaded>();
  #queue: Promise<unknown> = Promise.resolve();

  async load(folder: string): Promise<{ readonly session: string; readonly loaded: Loaded }> {
    const loaded = await loadModel(folder);
    const session = randomBytes(8).toString("hex");
    this.#sessions.set(session, loaded);
    return { session, loaded };
  }

  unload(session: string): void {
    this.#sessions.get(session)?.network.dispose();
    this.#sessions.delete(session);
  }

  /** @throws AppError `not-found`, or `bad-argument` for a window of another size. */
  predict(session: string, window: Float32Array): Promise<WindowAnswer> {
    const asked = performance.now();
    const answer = this.#queue.then(async (): Promise<WindowAnswer> => {
      const loaded = this.#sessions.get(session);
      if (loaded === undefined) {
        throw new AppError("not-found", "The model of this classification is no longer loaded", {
          hint: "Start the classification again.",
        });
      }
      const { input } = loaded.recipe;
      const wanted = input.reduce((product, side) => product * side, 1);
      if (!(window instanceof Float32Array) || window.length !== wanted) {
        throw new AppError(
          "bad-argument",
          `A window of ${window.length} numbers came, the model takes ${wanted} (${input.join("×")})`,
        );
      }
      const began = performance.now();
      const { scores, spikeRates } = await answerWindow(loaded, input, window);
      return { scores, waitMs: began - asked, computeMs: performance.now() - began, spikeRates };
    });
    this.#queue = answer.catch(() => undefined); // the caller hears of it; the next window does not care
    return answer;
  }
}
