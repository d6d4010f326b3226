/*
 * How sure a number is. One model: its accuracy on so many clips. Several seeds of one recipe: the mean of their accuracies.
 */

/** Where the true value lies with a given probability. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A mean over several trainings. */
export interface OverSeeds {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample. */
  readonly deviation: number;
  /** 95 % interval of the mean, absent for a single value. */
  readonly interval?: Interval;
}

/** 97.5 % quantile of the normal distribution. */
const Z95 = 1.959963984540054;

/** Arithmetic mean; NaN of nothing. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of the sample, divided by n − 1; 0 for a single value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/**
 * 95 % interval of a share, `right` of `total` (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
 * Journal of the American Statistical Association 22, 1927): also for few clips, and for shares of 0 and 1.
 */
export function wilsonInterval(right: number, total: number): Interval {
  if (total <= 0) return { low: 0, high: 1 };
  const share = right / total;
  const square = Z95 ** 2;
  const middle = share + square / (2 * total);
  const half = Z95 * Math.sqrt((share * (1 - share)) / total + square / (4 * total ** 2));
  const scale = 1 + square / total;
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

/**
 * Probability that |t| of Student's distribution stays below `t`, for a whole number of degrees of freedom
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4).
 */
function within(t: number, freedom: number): number {
  const angle = Math.atan2(t, Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  if (freedom === 1) return (2 * angle) / Math.PI;
  let term = odd ? cosine : 1;
  let sum = term;
  for (let k = odd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/** Quantile of Student's distribution: |t| stays below it with this probability. */
export function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (within(high, freedom) < probability) high *= 2;
  for (let round = 0; round < 100 && high - low > 1e-12 * high; round += 1) {
    const middle = (low + high) / 2;
    if (within(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** A mean with the interval that holds the true one. */
export interface MeanInterval extends Interval {
  readonly mean: number;
}

/** t interval of a mean; undefined for fewer than two values, of which nothing can be said. */
export function intervalOf(values: readonly number[], probability = 0.95): MeanInterval | undefined {
  if (values.length < 2) return undefined;
  const middle = mean(values);
  const half = (studentQuantile(probability, values.length - 1) * deviation(values)) / Math.sqrt(values.length);
  return { mean: middle, low: middle - half, high: middle + half };
}

/** Mean, deviation and interval of several trainings. */
export function overSeeds(values: readonly number[]): OverSeeds {
  const found = intervalOf(values);
  const interval = found && { low: found.low, high: found.high };
  return { count: values.length, mean: mean(values), deviation: deviation(values), ...(interval && { interval }) };
}
