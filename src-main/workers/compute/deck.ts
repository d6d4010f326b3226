import { shuffle, type Random } from "#main/tensor/random.ts";

/** In which order samples are shown. */
export interface Order {
  draw(): number;
  /** What is left of the pass, for a checkpoint. */
  state(): readonly number[];
  restore(rest: readonly number[]): void;
}

/** Shuffled passes over a list, one after the other without end, so that every batch is full. */
export class Deck implements Order {
  #order: number[] = [];
  #at = 0;
  readonly #size: number;
  readonly #random: Random;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  draw(): number {
    if (this.#at >= this.#order.length) {
      this.#order = shuffle(
        Array.from({ length: this.#size }, (_, index) => index),
        this.#random,
      );
      this.#at = 0;
    }
    const drawn = this.#order[this.#at] ?? 0;
    this.#at += 1;
    return drawn;
  }

  state(): readonly number[] {
    return this.#order.slice(this.#at);
  }

  restore(rest: readonly number[]): void {
    this.#order = [...rest];
    this.#at = 0;
  }
}

/**
 * Draws with replacement, each class equally often, whatever its size: the weights 1/n of the published runs on N-Caltech101 (He et
 * al., AAAI 2024). There is no pass that could be half done.
 */
export class BalancedOrder implements Order {
  readonly #classes: readonly (readonly number[])[];
  readonly #random: Random;

  constructor(classes: readonly (readonly number[])[], random: Random) {
    this.#classes = classes;
    this.#random = random;
  }

  draw(): number {
    const members = this.#classes[this.#random.below(this.#classes.length)] ?? [];
    return members[this.#random.below(members.length)] ?? 0;
  }

  state(): readonly number[] {
    return [];
  }

  restore(): void {
    // the generator is restored by its owner
  }
}
