import { describe, expect, it } from "vitest";
import { centerGram, ckaOfGrams } from "./gram.ts";
import { createRandom } from "./random.ts";
import { expectClose, flat, vectors } from "./testing/vectors.ts";

const gramOf = (rows: readonly (readonly number[])[]): number[] =>
  rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, d) => sum + value * (b[d] ?? 0), 0)));
const of = (rows: readonly (readonly number[])[]) => centerGram(gramOf(rows), rows.length);

describe("CKA by Gram matrices", () => {
  const v = vectors.linear_cka;

  it("has the reference's values, biased and debiased", () => {
    expectClose(of(v.X).biased.values, flat(v.centred_gram_X));
    expectClose([ckaOfGrams(of(v.X), of(v.Y), "biased"), ckaOfGrams(of(v.X), of(v.Y), "debiased")], [v.cka, v.cka_debiased]);
    expectClose([ckaOfGrams(of(v.X), of(v.X), "biased")], [v.cka_self]);
  });

  it("is 0 and not NaN where one side is silent", () => {
    const silent = v.X.map(() => [0, 0]);
    for (const estimator of ["biased", "debiased"] as const) expect(ckaOfGrams(of(v.X), of(silent), estimator)).toBe(0);
  });

  it("debiased stays near zero for independent features, where the biased one does not", () => {
    const { next } = createRandom(3, "features");
    const draw = (): number[][] => Array.from({ length: 16 }, () => Array.from({ length: 400 }, () => next() - 0.5));
    const [a, b] = [of(draw()), of(draw())];
    expect(ckaOfGrams(a, b, "biased")).toBeGreaterThan(0.9);
    expect(Math.abs(ckaOfGrams(a, b, "debiased"))).toBeLessThan(0.3);
  });
});
