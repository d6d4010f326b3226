import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir } from "#main/lib/paths.ts";
import { cliReference } from "#main/hosts/cli/reference.ts";

/*
 * Writes docs/cli.md from the declarations of the commands.
 *   node scripts/write-cli-docs.ts
 */

writeFileSync(join(rootDir, "docs", "cli.md"), cliReference());
