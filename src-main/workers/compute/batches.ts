import { AppError } from "#shared/api/errors.ts";
import { createRandom, type Random } from "#main/tensor/random.ts";
import { partnerClip } from "#main/units/transfers/r2etl/pairing.ts";
import type { HostBatch, PictureVariation, Targets, TrainPhase } from "#main/units/transfers/transfer.ts";
import { BalancedOrder, Deck, type Order } from "./deck.ts";
import type { Samples } from "./load.ts";
import { copyShifted, flipped } from "./shift.ts";
import type { ChosenAugmentation, InputShape } from "./spec.ts";

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

/** Positions of samples by class, in their order. */
function byClass({ samples }: Samples): ReadonlyMap<number, readonly number[]> {
  const classes = new Map<number, number[]>();
  for (const [index, { classIndex }] of samples.entries()) {
    const list = classes.get(classIndex);
    if (list === undefined) classes.set(classIndex, [index]);
    else list.push(index);
  }
  return classes;
}

const labelsOf = ({ samples }: Samples, drawn: readonly number[]): Int32Array =>
  Int32Array.from(drawn, (index) => samples[index]?.classIndex ?? 0);

/** One whole class a row, for both streams. */
function sharesOf(labels: Int32Array, classes: number): Targets<Float32Array> {
  const events = new Float32Array(labels.length * classes);
  for (const [n, label] of labels.entries()) events[n * classes + label] = 1;
  return { events, pictures: events.slice() };
}

/** Changes to training clips beside the shift, and in which order and how varied samples come. */
export interface Variation {
  readonly classes: number;
  readonly augmentations: readonly ChosenAugmentation[];
  /** Each clip once a pass (also when absent), or each class equally often. */
  readonly sampling?: "shuffled" | "balanced";
  readonly pictures?: PictureVariation;
}

/** Puts samples into batches: shuffled clips with pictures of their class, or the other way round; clips varied at random. */
export class Batches {
  readonly #clips: Samples;
  readonly #pictures: Samples;
  readonly #input: InputShape;
  readonly #randoms: Randoms;
  readonly #clipDeck: Order;
  readonly #pictureDeck: Order;
  readonly #picturesByClass: ReadonlyMap<number, readonly number[]>;
  readonly #clipsByClass: ReadonlyMap<number, readonly number[]>;
  /** Of each picture: which one of its class it is. */
  readonly #placeInClass: readonly number[];
  readonly #maxShift: number;
  readonly #variation: Variation;

  constructor(
    clips: Samples,
    pictures: Samples,
    input: InputShape,
    shift: number,
    randoms: Randoms,
    variation: Variation = { classes: 0, augmentations: [] },
  ) {
    this.#clips = clips;
    this.#pictures = pictures;
    this.#input = input;
    this.#randoms = randoms;
    this.#variation = variation;
    this.#maxShift = Math.round(shift * Math.min(input[1], input[2]));
    this.#clipsByClass = byClass(clips);
    this.#clipDeck =
      variation.sampling === "balanced"
        ? new BalancedOrder([...this.#clipsByClass.values()], randoms.of("order"))
        : new Deck(clips.samples.length, randoms.of("order"));
    this.#pictureDeck = new Deck(pictures.samples.length, randoms.of("picture order"));
    this.#picturesByClass = byClass(pictures);
    const places: number[] = [];
    for (const positions of this.#picturesByClass.values()) for (const [k, index] of positions.entries()) places[index] = k;
    this.#placeInClass = places;
  }

  next(shows: TrainPhase["shows"], size: number, pairing: TrainPhase["pairing"] = "by-clip"): HostBatch {
    const [steps] = this.#input;
    if (shows === "pictures") {
      const drawn = Array.from({ length: size }, () => this.#pictureDeck.draw());
      return { pictures: this.#expand(drawn), labels: labelsOf(this.#pictures, drawn), steps, size };
    }
    if (shows === "pairs" && pairing === "by-picture") {
      const drawn = Array.from({ length: size }, () => this.#pictureDeck.draw());
      const labels = labelsOf(this.#pictures, drawn);
      const partners = drawn.map((index, n) => this.#clipFor(index, labels[n] ?? 0));
      return { ...this.#clipsOf(partners, labels), pictures: this.#expand(drawn), labels, steps, size };
    }
    const drawn = Array.from({ length: size }, () => this.#clipDeck.draw());
    const labels = labelsOf(this.#clips, drawn);
    const clips = this.#clipsOf(drawn, labels);
    if (shows === "events") return { ...clips, labels, steps, size };
    const partners = Array.from(labels, (label) => this.#pictureFor(label));
    return { ...clips, pictures: this.#expand(partners), labels, steps, size };
  }

  #pictureFor(label: number): number {
    const choices = this.#picturesByClass.get(label) ?? [];
    const chosen = choices[this.#randoms.of("pairing").below(choices.length)];
    if (chosen !== undefined) return chosen;
    throw new AppError("bad-spec", `There is no picture of class number ${label} to pair its clips with`, {
      hint: "Add pictures of this class to the source, or choose a transfer that needs none.",
    });
  }

  #clipFor(picture: number, label: number): number {
    const clips = this.#clipsByClass.get(label) ?? [];
    const chosen = clips[partnerClip(this.#placeInClass[picture] ?? 0, clips.length)];
    if (chosen !== undefined) return chosen;
    throw new AppError("bad-spec", `There is no training clip of class number ${label} to pair its pictures with`, {
      hint: "Label clips of this class, or remove its pictures from the source.",
    });
  }

  /** Shifted and augmented clips, with the shares of classes where that has mixed them. */
  #clipsOf(drawn: readonly number[], labels: Int32Array): Pick<HostBatch, "events" | "targets"> {
    const events = this.#shifted(drawn);
    const { augmentations, classes } = this.#variation;
    if (augmentations.length === 0) return { events };
    const [steps, height, width, channels] = this.#input;
    const targets = sharesOf(labels, classes);
    for (const [place, { id, augment }] of augmentations.entries()) {
      const random = this.#randoms.of(`augmentation ${place + 1}: ${id}`);
      augment({ values: events, shape: [steps, drawn.length, height, width, channels], targets: targets.events }, random.next);
    }
    return augmentations.some(({ mixes }) => mixes) ? { events, targets } : { events };
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
    for (const [n, index] of drawn.entries()) {
      const picture = this.#varied(this.#pictures.values[index] ?? new Float32Array(frame));
      for (let t = 0; t < steps; t += 1) out.set(picture, (t * drawn.length + n) * frame);
    }
    return out;
  }

  #varied(picture: Float32Array): Float32Array {
    const { pictures: variation } = this.#variation;
    if (variation === undefined) return picture;
    const random = this.#randoms.of("picture variation");
    const [, height, width] = this.#input;
    const most = Math.round(variation.shift * Math.min(height, width));
    const [dx, dy] = [random.below(2 * most + 1) - most, random.below(2 * most + 1) - most];
    const turned = random.next() < variation.flip ? flipped(picture, this.#input) : picture;
    const channels = picture.length / (height * width);
    const out = new Float32Array(picture.length);
    if (variation.fill.some((value) => value !== 0)) out.set(out.map((_, i) => variation.fill[i % channels] ?? 0));
    copyShifted(turned, 0, out, 0, [1, height, width, channels], dx, dy);
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
