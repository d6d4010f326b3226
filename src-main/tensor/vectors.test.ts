import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { vectors } from "./testing/vectors.ts";

const main = join(rootDir, "src-main");
/** Tests and what they share that read the vectors. */
const readers = readdirSync(main, { recursive: true, encoding: "utf8" })
  .filter((name) => (name.endsWith(".test.ts") || name.includes("testing")) && name.endsWith(".ts"))
  .map((name) => readFileSync(join(main, name), "utf8"))
  .filter((text) => /testing\/vectors\.ts|tensor\/vectors\.json/.test(text));

describe("the vectors of the methods", () => {
  // A group that is read and never compared would pass; that nothing is left aside is what this can tell.
  it.each(Object.keys(vectors).filter((group) => group !== "meta"))("%s is tested", (group) => {
    expect(
      readers.filter((text) => new RegExp(`\\bvectors\\.${group}\\b|\\b${group}\\b[^;]*\\} = vectors`).test(text)),
    ).not.toEqual([]);
  });
});
