import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { codecs } from "./index.ts";
import { allSeeds } from "./testing/all-seeds.ts";
import { fuzzInput } from "./testing/fuzz-input.ts";
import { checkBytes } from "./testing/violations.ts";

/** The short version of `scripts/fuzz.ts`: these inputs are the first ones of the long one. */
const INPUTS = 300;
const regressions = join(import.meta.dirname, "testing", "regressions");

describe.each(codecs)("$id: $label", (codec) => {
  test("reads its own seed files whole and finds nothing wrong with them", async () => {
    const seeds = (await allSeeds()).filter((seed) => seed.codec === codec.id);
    expect(seeds.length).toBeGreaterThan(0);
    for (const { name, bytes } of seeds) expect(await checkBytes(codec, bytes, name, true)).toBe("read");
  });

  test(`${INPUTS} damaged files are read or refused`, async () => {
    let read = 0;
    for (let input = 0; input < INPUTS; input += 1) {
      const { name, bytes } = await fuzzInput(codec.id, input);
      if ((await checkBytes(codec, bytes, name, input % 8 === 0)) === "read") read += 1;
    }
    expect(read).toBeGreaterThan(INPUTS / 20); // mutations that nothing survives would test the first check only
  });
});

for (const file of readdirSync(regressions).filter((name) => name.endsWith(".bin"))) {
  test(`${file}, which once did harm`, async () => {
    const codec = codecs.find(({ id }) => file.startsWith(`${id}-`));
    expect(codec).toBeDefined();
    await checkBytes(codec!, readFileSync(join(regressions, file)), file, true);
  });
}
