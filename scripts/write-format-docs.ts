import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir } from "#main/lib/paths.ts";
import { formatReference } from "#main/units/codecs/reference.ts";

/*
 * Writes docs/formats.md from the declarations of the codecs.
 *   node scripts/write-format-docs.ts
 */

writeFileSync(join(rootDir, "docs", "formats.md"), formatReference());
