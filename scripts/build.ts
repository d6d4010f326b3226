import { parseArgs } from "node:util";
import { buildPart, partNames, type PartName } from "./build/parts.ts";

/*
 * node scripts/build.ts [--only kernels|renderer|main]… [--force]
 * Builds what is not fresh into dist/. stdout stays empty; what happens is told on stderr.
 */

const say = (line: string): void => console.error(`saccade: ${line}`);

function chosen(only: readonly string[]): readonly PartName[] {
  const unknown = only.find((name) => !partNames.some((part) => part === name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}"; known: ${partNames.join(", ")}`);
  return only.length === 0 ? partNames : partNames.filter((name) => only.includes(name));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string", multiple: true, default: [] }, force: { type: "boolean", default: false } },
  });
  for (const name of chosen(values.only)) {
    if (!(await buildPart(name, say, values.force))) say(`${name} is up to date`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
