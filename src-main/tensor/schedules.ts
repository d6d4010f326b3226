/** Learning rate of an epoch; constant within it. */
export type LearningRate = (epoch: number) => number;

const WARM_UP_LR = 1e-6;
const MIN_LR = 1e-5;

/** A rate that is smaller from the beginning does not grow. */
const minimum = (rate: number): number => Math.min(MIN_LR, rate);

const warmUp = (rate: number, warmUpEpochs: number, epoch: number): number =>
  WARM_UP_LR + (epoch * (rate - WARM_UP_LR)) / warmUpEpochs;

/**
 * Linear warm-up, then a cosine from `rate` down to 1e-5 over all epochs; the warm-up does not shift the cosine.
 * As in the code of He et al., AAAI 2024, arXiv 2303.13077.
 */
export const warmUpCosine =
  (rate: number, epochs: number, warmUpEpochs: number): LearningRate =>
  (epoch) =>
    epoch < warmUpEpochs
      ? warmUp(rate, warmUpEpochs, epoch)
      : minimum(rate) + 0.5 * (rate - minimum(rate)) * (1 + Math.cos((Math.PI * epoch) / epochs));

/** Linear warm-up, then the rate times `gamma` from `at` on (He et al., N-Omniglot: ×0.1 at epoch 40). */
export const warmUpStep =
  (rate: number, at: number, gamma: number, warmUpEpochs: number): LearningRate =>
  (epoch) =>
    epoch < warmUpEpochs ? warmUp(rate, warmUpEpochs, epoch) : epoch < at ? rate : rate * gamma;

/** The rate times `gamma` after every `every` epochs (Zhan et al., IEEE TIP 2024). */
export const stairs =
  (rate: number, every: number, gamma: number): LearningRate =>
  (epoch) =>
    rate * gamma ** Math.floor(epoch / every);

/** A cosine from `rate` to 0 (Deng et al., ICLR 2022, temporal efficient training). */
export const cosine =
  (rate: number, epochs: number): LearningRate =>
  (epoch) =>
    0.5 * rate * (1 + Math.cos((Math.PI * epoch) / epochs));

/** The same rate throughout. */
export const constantRate =
  (rate: number): LearningRate =>
  () =>
    rate;

/** The same linear warm-up before another schedule, which it does not shift. */
export const withWarmUp =
  (rate: number, warmUpEpochs: number, then: LearningRate): LearningRate =>
  (epoch) =>
    epoch < warmUpEpochs ? warmUp(rate, warmUpEpochs, epoch) : then(epoch);

/** How the probability of showing events in place of a picture grows. */
export type SlidingRule = "cubic" | "none";

/**
 * Probability that a picture is replaced by its partner recording in iteration `i` of `total`:
 * `min(1, (i / (finish·total))^power)` (He et al., AAAI 2024; power 3, finish 1, or 0.5 in the first version).
 */
export const slidingProbability = (i: number, total: number, finish = 1, power = 3): number =>
  total <= 0 ? 0 : Math.min(1, (i / (finish * total)) ** power);

/** The ablation without sliding: pictures alone in the first half of the epochs, events alone after it. */
export const steppedProbability = (epoch: number, epochs: number): number => (epoch <= epochs / 2 ? 0 : 1);
