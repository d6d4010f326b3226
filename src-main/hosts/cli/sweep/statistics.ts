/*
 * Means over seeds and how sure they are. Runs of one seed share split, weights and order of the clips, so methods are compared
 * by their differences within a seed.
 */

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of the sample, divided by n − 1; 0 for a single value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
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

/** A mean with the interval that holds the true one with this probability. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** t interval of a mean; undefined for fewer than two values, of which nothing can be said. */
export function intervalOf(values: readonly number[], probability = 0.95): Interval | undefined {
  if (values.length < 2) return undefined;
  const middle = mean(values);
  const half = (studentQuantile(probability, values.length - 1) * deviation(values)) / Math.sqrt(values.length);
  return { mean: middle, low: middle - half, high: middle + half };
}
