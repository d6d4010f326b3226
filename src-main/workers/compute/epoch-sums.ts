import type { Scalar } from "@tensorflow/tfjs";
import { tf } from "#main/tensor/tf.ts";

/** Losses and right answers of an epoch: kept on the device and read now and then, several steps at once. */
export class EpochSums {
  #losses: Scalar[] = [];
  #rights: Scalar[] = [];
  #loss = 0;
  #right = 0;
  #steps = 0;
  readonly #diverged: () => Error;

  /** @param diverged what is thrown when a loss is no number. */
  constructor(diverged: () => Error) {
    this.#diverged = diverged;
  }

  /** Takes over what a step has computed: its mean loss, and how many answers were right. */
  add(loss: Scalar, right: Scalar): void {
    this.#losses.push(loss);
    this.#rights.push(right);
  }

  /** Reads what has come since the last call. Answers the latest loss. */
  async read(): Promise<number> {
    if (this.#losses.length === 0) return 0;
    const [losses, rights] = tf.tidy(() => [tf.stack(this.#losses), tf.stack(this.#rights)] as const);
    this.dispose();
    const [lossValues, rightValues] = await Promise.all([losses.data(), rights.data()]);
    tf.dispose([losses, rights]);
    for (const value of lossValues) this.#loss += value;
    for (const value of rightValues) this.#right += value;
    this.#steps += lossValues.length;
    if (lossValues.some((value) => !Number.isFinite(value))) throw this.#diverged();
    return lossValues.at(-1) ?? 0;
  }

  /** Mean over the steps that have been read. */
  get meanLoss(): number {
    return this.#loss / Math.max(1, this.#steps);
  }

  /** Right answers of a step, mean over the steps that have been read. */
  get meanRight(): number {
    return this.#right / Math.max(1, this.#steps);
  }

  /** Frees what has not been read. */
  dispose(): void {
    tf.dispose([this.#losses, this.#rights]);
    this.#losses = [];
    this.#rights = [];
  }
}
