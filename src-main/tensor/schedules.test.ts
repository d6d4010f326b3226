import { describe, expect, it } from "vitest";
import { createRandom, shuffle } from "./random.ts";
import { cosine, slidingProbability, stairs, steppedProbability, warmUpCosine, warmUpStep } from "./schedules.ts";
import { expectClose, vectors } from "./testing/vectors.ts";

/** Everything here is computed in doubles; the references are printed with 12 digits. */
const close = (actual: readonly number[], expected: readonly number[]): void => expectClose(actual, expected, 1e-15, 1e-11);

describe("learning rate", () => {
  const v = vectors.learning_rate;

  it("warms up and follows a cosine, as in the reference", () => {
    const { scaled_lr, epochs, warmup_epochs, epoch, lr } = v.he_ncaltech101;
    close(epoch.map(warmUpCosine(scaled_lr, epochs, warmup_epochs)), lr);
    close(v.he_cepdvs_200.epoch.map(warmUpCosine(scaled_lr, 200, warmup_epochs)), v.he_cepdvs_200.lr);
  });

  it("warms up and steps down", () => {
    const { scaled_lr, epoch, lr } = v.he_nomniglot_step;
    close(epoch.map(warmUpStep(scaled_lr, 40, 0.1, 5)), lr);
  });

  it("goes down stairs, and down a cosine to zero", () => {
    const { base_lr, step_epochs, gamma, epoch, lr } = v.r2etl_step;
    close(epoch.map(stairs(base_lr, step_epochs, gamma)), lr);
    close(v.tet_cosine.epoch.map(cosine(v.tet_cosine.base_lr, v.tet_cosine.epochs)), v.tet_cosine.lr);
  });
});

describe("sliding", () => {
  const v = vectors.sliding;
  const total = v.epochs * v.iterations_per_epoch;

  it("has the reference's probabilities for both versions and all powers", () => {
    close(
      v.iteration.map((i) => slidingProbability(i, total)),
      v.probability_v2,
    );
    close(
      v.iteration.map((i) => slidingProbability(i, total, 0.5)),
      v.probability_v1_half,
    );
    for (const [power, wanted] of Object.entries(v.power_sweep_at_half)) {
      close([slidingProbability(total / 2, total, 1, Number(power))], [wanted]);
    }
  });

  it("replaces a quarter over a whole run", () => {
    let sum = 0;
    for (let i = 0; i < total; i += 1) sum += slidingProbability(i, total);
    close([sum / total], [v.mean_over_training_v2]);
    for (const { epoch, mean } of v.epoch_mean_v2) {
      let inside = 0;
      for (let b = 0; b < v.iterations_per_epoch; b += 1) inside += slidingProbability(epoch * v.iterations_per_epoch + b, total);
      close([inside / v.iterations_per_epoch], [mean]);
    }
  });

  it("exchanges pictures for events half-way in the ablation", () => {
    const { epochs, epoch, probability } = v.no_sliding;
    expect(epoch.map((e) => steppedProbability(e, epochs))).toEqual(probability);
  });
});

describe("random numbers", () => {
  it("repeat for the same seed and purpose, and differ otherwise", () => {
    const draws = (seed: number, purpose: string): number[] => {
      const random = createRandom(seed, purpose);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draws(1, "order")).toEqual(draws(1, "order"));
    expect(draws(1, "order")).not.toEqual(draws(2, "order"));
    expect(draws(1, "order")).not.toEqual(draws(1, "pairing"));
  });

  it("go on from a saved state", () => {
    const random = createRandom(7, "order");
    random.next();
    const state = random.state();
    const expected = [random.next(), random.next(), random.below(10)];
    const other = createRandom(0, "another");
    other.restore(state);
    expect([other.next(), other.next(), other.below(10)]).toEqual(expected);
  });

  it("are uniform: mean, variance and neighbours", () => {
    const random = createRandom(3, "uniformity");
    const n = 100_000;
    const values = Array.from({ length: n }, () => random.next());
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const neighbours = values.reduce((sum, value, i) => sum + (value - 0.5) * ((values[i + 1] ?? 0.5) - 0.5), 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
    expect(Math.abs(neighbours)).toBeLessThan(4 / (12 * Math.sqrt(n)));
  });

  it("shuffle every element to every place", () => {
    const random = createRandom(5, "shuffle");
    const counts = Array.from({ length: 4 }, () => new Array<number>(4).fill(0));
    for (let round = 0; round < 4000; round += 1) {
      for (const [place, item] of shuffle([0, 1, 2, 3], random).entries()) {
        const row = counts[item];
        if (row !== undefined) row[place] = (row[place] ?? 0) + 1;
      }
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000 * 0.75));
  });
});
