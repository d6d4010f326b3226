import type { FoundSample } from "#shared/api/stream-api.ts";

/** Rounds half to even, as the programs do whose splits are repeated here. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** A share of a class that becomes a part, in tenths so that nothing is lost to binary fractions. */
export type Share = { readonly part: string; readonly tenths: number };

/**
 * Divides each class in the order of its samples: the first tenths to the first part and so on; the last part takes the rest.
 * For data sets without a split of their own, as the methods that use them do.
 */
export function dealOut<S extends FoundSample>(samples: readonly S[], shares: readonly Share[]): readonly S[] {
  const sizes = new Map<string, number>();
  for (const { label } of samples) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const seen = new Map<string, number>();
  return samples.map((sample) => {
    const place = seen.get(sample.label) ?? 0;
    seen.set(sample.label, place + 1);
    const size = sizes.get(sample.label) ?? 0;
    let tenths = 0;
    const share = shares.find((candidate) => {
      tenths += candidate.tenths;
      return place < roundHalfEven((tenths * size) / 10);
    });
    const part = (share ?? shares.at(-1))?.part;
    return part === undefined ? sample : { ...sample, part };
  });
}

/** First nine tenths of each class for training, the rest for the test. */
export const NINE_TO_ONE: readonly Share[] = [
  { part: "train", tenths: 9 },
  { part: "test", tenths: 1 },
];
