import { parseArgs } from "node:util";
import { AppError } from "#shared/api/errors.ts";
import { parseParams } from "#shared/units/params.ts";
import { UsageError, type Command, type Given, type Option, type Options } from "./command.ts";

/** Options of every command. */
export const globalOptions = {
  workspace: {
    param: { type: "path", default: "", label: "Workspace folder (default: the user's data folder); created when missing" },
    value: "DIR",
    optional: true,
  },
  json: { param: { type: "boolean", default: false, label: "Machine output on stdout and nothing else" } },
  help: { param: { type: "boolean", default: false, label: "Show this help" } },
} as const satisfies Options;

/** A command line taken apart. */
export interface Parsed {
  readonly command: Command | undefined;
  /** Verbs of a group when the command is incomplete: `saccade dataset`. */
  readonly group: readonly string[];
  readonly args: readonly string[];
  readonly given: Given<Options>;
  readonly global: Given<typeof globalOptions>;
}

/** Where the verbs are: global options may come before them. */
function splitVerbs(argv: readonly string[], commands: readonly Command[]): { path: string[]; rest: string[] } {
  const path: string[] = [];
  const rest = [...argv];
  for (let i = 0; i < rest.length;) {
    const word = rest[i] ?? "";
    if (word.startsWith("-")) {
      if (!/^(--json|--help|-h|--workspace(=.*)?)$/.test(word)) break; // an option of the command: its value may look like a verb
      i += word === "--workspace" ? 2 : 1;
      continue;
    }
    const longer = [...path, word];
    if (!commands.some((known) => longer.every((verb, k) => known.path[k] === verb))) break;
    path.push(word);
    rest.splice(i, 1);
  }
  return { path, rest };
}

function convert(command: Command | undefined, name: string, option: Option, raw: unknown): unknown {
  if (option.many === true) return raw ?? [];
  if (raw === undefined && option.optional === true) return undefined;
  try {
    return parseParams({ [name]: option.param }, { [name]: raw }, `--${name}`)[name];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new UsageError(error.message.replace(`--${name}: "${name}"`, `--${name}`), command?.path);
  }
}

function checkCount(command: Command, args: readonly string[]): void {
  const required = command.positionals.filter((positional) => positional.optional !== true);
  const missing = required[args.length];
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing`, command.path);
  const many = command.positionals.some((positional) => positional.many === true);
  const extra = args[command.positionals.length];
  if (!many && extra !== undefined) throw new UsageError(`"${extra}" is one argument too many`, command.path);
}

/**
 * Takes a command line apart.
 * @throws UsageError for unknown verbs, unknown options, missing arguments and values out of range.
 */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Parsed {
  const { path, rest } = splitVerbs(argv, commands);
  const command = commands.find((known) => known.path.join(" ") === path.join(" "));
  const options: Options = { ...command?.options, ...globalOptions };
  let values: Record<string, unknown>;
  let args: string[];
  try {
    const parsed = parseArgs({
      args: rest,
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { param, many }]) => {
          const type = param.type === "boolean" ? ("boolean" as const) : ("string" as const);
          return [name, { type, multiple: many === true, ...(name === "help" ? { short: "h" } : {}) }] as const;
        }),
      ),
    });
    values = parsed.values;
    args = parsed.positionals;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error), path);
  }
  const all = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, convert(command, name, option, values[name])]),
  );
  const global = all as unknown as Given<typeof globalOptions>;
  if (command !== undefined && !global.help) checkCount(command, args);
  return { command, group: path, args, given: all as Given<Options>, global };
}
