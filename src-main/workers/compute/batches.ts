import { AppError } from "#shared/api/errors.ts";
import { createRandom, shuffle, type Random } from "#main/tensor/random.ts";
import type { HostBatch, TrainPhase } from "#main/units/transfers/transfer.ts";
import type { Samples } from "./load.ts";
import type { InputShape } from "./spec.ts";

/** Generators of one training, by purpose; each is seeded on its own. */
export class Randoms {
  readonly #generators = new Map<string, Random>();
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  of(purpose: string): Random {
    let generator = this.#generators.get(purpose);
    if (generator === undefined) {
      generator = createRandom(this.#seed, purpose);
      this.#generators.set(purpose, generator);
    }
    return generator;
  }

  state(): Readonly<Record<string, readonly number[]>> {
    return Object.fromEntries([...this.#generators].map(([purpose, generator]) => [purpose, generator.state()]));
  }

  restore(states: Readonly<Record<string, readonly number[]>>): void {
    for (const [purpose, state] of Object.entries(states)) this.of(purpose).restore(state);
  }
}

/** Shuffled passes over a list, one after the other without end, so that every batch is full. */
export class Deck {
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
 * Copies a `[H, W, C]` frame shifted by whole pixels; what comes in from outside is zero (He et al.: random crop
 * with zero padding). The target is zero before.
 */
export function copyShifted(
  from: Float32Array,
  fromAt: number,
  to: Float32Array,
  toAt: number,
  [, height, width, channels]: InputShape,
  dx: number,
  dy: number,
): void {
  const line = width * channels;
  const length = (width - Math.abs(dx)) * channels;
  const source = Math.max(0, -dx) * channels;
  const target = Math.max(0, dx) * channels;
  for (let y = Math.max(0, dy); y < height + Math.min(0, dy); y += 1) {
    const start = fromAt + (y - dy) * line + source;
    to.set(from.subarray(start, start + length), toAt + y * line + target);
  }
}

/** Puts samples into batches: shuffled clips, same-class pictures drawn anew each time, clips shifted at random. */
export class Batches {
  readonly #clips: Samples;
  readonly #pictures: Samples;
  readonly #input: InputShape;
  readonly #randoms: Randoms;
  readonly #clipDeck: Deck;
  readonly #pictureDeck: Deck;
  readonly #byClass: ReadonlyMap<number, readonly number[]>;
  readonly #maxShift: number;

  constructor(clips: Samples, pictures: Samples, input: InputShape, shift: number, randoms: Randoms) {
    this.#clips = clips;
    this.#pictures = pictures;
    this.#input = input;
    this.#randoms = randoms;
    this.#maxShift = Math.round(shift * Math.min(input[1], input[2]));
    this.#clipDeck = new Deck(clips.samples.length, randoms.of("order"));
    this.#pictureDeck = new Deck(pictures.samples.length, randoms.of("picture order"));
    const byClass = new Map<number, number[]>();
    for (const [index, { classIndex }] of pictures.samples.entries()) {
      const list = byClass.get(classIndex);
      if (list === undefined) byClass.set(classIndex, [index]);
      else list.push(index);
    }
    this.#byClass = byClass;
  }

  next(shows: TrainPhase["shows"], size: number): HostBatch {
    const [steps] = this.#input;
    const labels = new Int32Array(size);
    if (shows === "pictures") {
      const drawn = Array.from({ length: size }, () => this.#pictureDeck.draw());
      for (const [n, index] of drawn.entries()) labels[n] = this.#pictures.samples[index]?.classIndex ?? 0;
      return { pictures: this.#expand(drawn), labels, steps, size };
    }
    const drawn = Array.from({ length: size }, () => this.#clipDeck.draw());
    for (const [n, index] of drawn.entries()) labels[n] = this.#clips.samples[index]?.classIndex ?? 0;
    const events = this.#shifted(drawn);
    if (shows === "events") return { events, labels, steps, size };
    const pairing = this.#randoms.of("pairing");
    const partners = Array.from(labels, (label) => {
      const choices = this.#byClass.get(label) ?? [];
      const chosen = choices[pairing.below(choices.length)];
      if (chosen === undefined) {
        throw new AppError("bad-spec", `There is no picture of class number ${label} to pair its clips with`, {
          hint: "Add pictures of this class to the source, or choose a transfer that needs none.",
        });
      }
      return chosen;
    });
    return { events, pictures: this.#expand(partners), labels, steps, size };
  }

  #shifted(drawn: readonly number[]): Float32Array {
    const [steps, height, width, channels] = this.#input;
    const frame = height * width * channels;
    const random = this.#randoms.of("augmentation");
    const out = new Float32Array(steps * drawn.length * frame);
    const most = this.#maxShift;
    for (const [n, index] of drawn.entries()) {
      const values = this.#clips.values[index] ?? new Float32Array(0);
      const dx = most === 0 ? 0 : random.below(2 * most + 1) - most;
      const dy = most === 0 ? 0 : random.below(2 * most + 1) - most;
      for (let t = 0; t < steps; t += 1) {
        copyShifted(values, t * frame, out, (t * drawn.length + n) * frame, this.#input, dx, dy);
      }
    }
    return out;
  }

  #expand(drawn: readonly number[]): Float32Array {
    const [steps] = this.#input;
    const frame = this.#pictures.values[0]?.length ?? 0;
    const out = new Float32Array(steps * drawn.length * frame);
    for (let t = 0; t < steps; t += 1) {
      for (const [n, index] of drawn.entries()) {
        out.set(this.#pictures.values[index] ?? [], (t * drawn.length + n) * frame);
      }
    }
    return out;
  }

  state(): { readonly clips: readonly number[]; readonly pictures: readonly number[] } {
    return { clips: this.#clipDeck.state(), pictures: this.#pictureDeck.state() };
  }

  restore({ clips, pictures }: ReturnType<Batches["state"]>): void {
    this.#clipDeck.restore(clips);
    this.#pictureDeck.restore(pictures);
  }
}
