import type { CkaEstimator } from "./cka.ts";

/** As in `linearCka`. */
const EPS = 1e-7;
/** Rows from which the estimate without the bias of few samples is defined. */
const MIN_DEBIASED = 4;

/** What is left of a Gram matrix once its means are taken out, and how long that is, for both estimates. */
export type CenteredGrams = Readonly<Record<CkaEstimator, { readonly values: Float64Array; readonly norm: number }>>;

const rowSums = (gram: ArrayLike<number>, rows: number, diagonal: boolean): Float64Array => {
  const sums = new Float64Array(rows);
  for (let i = 0; i < rows; i += 1) {
    let sum = diagonal ? 0 : -(gram[i * rows + i] ?? 0);
    for (let j = 0; j < rows; j += 1) sum += gram[i * rows + j] ?? 0;
    sums[i] = sum;
  }
  return sums;
};

/** @param rest what is added to every cell after the sums of its row and column, over `over`, are taken off. */
function centered(
  gram: ArrayLike<number>,
  rows: number,
  diagonal: boolean,
  over: number,
  rest: (total: number) => number,
): CenteredGrams[CkaEstimator] {
  const sums = rowSums(gram, rows, diagonal);
  const added = rest(sums.reduce((a, b) => a + b, 0));
  const values = new Float64Array(rows * rows);
  let squares = 0;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < rows; j += 1) {
      if (i === j && !diagonal) continue;
      const value = (gram[i * rows + j] ?? 0) - ((sums[i] ?? 0) + (sums[j] ?? 0)) / over + added;
      values[i * rows + j] = value;
      squares += value * value;
    }
  }
  return { values, norm: Math.sqrt(squares) };
}

/**
 * Centres a Gram matrix `[rows, rows]` in double precision, for many comparisons of one matrix with others: double centring for
 * the biased estimate, U-centring for the debiased one (see cka.ts for the sources).
 */
export function centerGram(gram: ArrayLike<number>, rows: number): CenteredGrams {
  const biased = centered(gram, rows, true, rows, (total) => total / rows ** 2);
  const debiased =
    rows < MIN_DEBIASED ? biased : centered(gram, rows, false, rows - 2, (total) => total / ((rows - 1) * (rows - 2)));
  return { biased, debiased };
}

/** Linear CKA of two feature matrices by their centred Gram matrices; the same as `linearCka` of the features. */
export function ckaOfGrams(a: CenteredGrams, b: CenteredGrams, estimator: CkaEstimator): number {
  const [x, y] = [a[estimator], b[estimator]];
  let sum = 0;
  for (let i = 0; i < x.values.length; i += 1) sum += (x.values[i] ?? 0) * (y.values[i] ?? 0);
  return sum / (x.norm * y.norm + EPS);
}
