import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { formatReference } from "./reference.ts";

test("docs/formats.md says what the codecs declare", () => {
  const text = readFileSync(join(rootDir, "docs", "formats.md"), "utf8");
  expect(text, "run: node scripts/write-format-docs.ts").toBe(formatReference());
});
