import { seeded } from "#main/lib/testing/random.ts";
import { allSeeds } from "./all-seeds.ts";
import { mutate } from "./mutate.ts";

/** Input number `input` of a codec: the same bytes whenever it is asked for. */
export async function fuzzInput(codec: string, input: number): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const seeds = (await allSeeds()).filter((seed) => seed.codec === codec);
  const random = seeded(input * 2_654_435_761 + codec.length * 97);
  const seed = seeds[Math.floor(random() * seeds.length)];
  const other = seeds[Math.floor(random() * seeds.length)];
  if (seed === undefined || other === undefined) throw new Error(`There are no seed files for ${codec}`);
  return { name: seed.name, bytes: mutate(random, seed.bytes, other.bytes) };
}
