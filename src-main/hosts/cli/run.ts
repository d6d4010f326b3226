import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import { rootDir } from "#main/lib/paths.ts";
import { parseCommandLine, type Parsed } from "./arguments.ts";
import { PartialFailure, UsageError, type Command } from "./command.ts";
import { openContext } from "./context.ts";
import { commandHelp, overviewHelp } from "./help.ts";
import { Output, type Streams } from "./output.ts";

/** Exit codes of the command line. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** `saccade rec.raw` is `saccade open rec.raw`, and so is nothing at all. */
function withDefaultVerb(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  const first = argv[0];
  if (first === undefined) return ["open"];
  const known = first.startsWith("-") || commands.some(({ path }) => path[0] === first);
  return !known && existsSync(first) ? ["open", ...argv] : argv;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(rootDir, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

async function usage(out: Output, error: UsageError): Promise<number> {
  const help = `saccade ${[...error.path, "--help"].join(" ")}`;
  await out.failure({ code: "bad-argument", message: error.message, hint: `${help} tells the right usage.` });
  return EXIT.usage;
}

/** Carries out one command line. The answer is the exit code; everything has been said by then. */
export async function run(
  argv: readonly string[],
  commands: readonly Command[],
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  let out = new Output(streams, argv.includes("--json"));
  if (argv[0] === "--version") {
    await out.write(`${version()}\n`);
    return EXIT.done;
  }
  let parsed: Parsed;
  try {
    parsed = parseCommandLine(withDefaultVerb(argv, commands), commands);
  } catch (error) {
    if (error instanceof UsageError) return usage(out, error);
    throw error;
  }
  const { command, group, args, given, global } = parsed;
  if (global.help) {
    await out.write(`${command === undefined ? overviewHelp(commands, group) : commandHelp(command)}\n`);
    return EXIT.done;
  }
  if (command === undefined) {
    const next = args[0];
    const all = ["saccade", ...group].join(" ");
    return usage(
      out,
      new UsageError(next === undefined ? `${all} needs a command` : `There is no command "${all} ${next}"`, group),
    );
  }
  out = new Output(streams, global.json);
  const context = openContext(out, signal, global.workspace);
  try {
    await command.run(context, args, given);
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  } catch (error) {
    if (error instanceof PartialFailure) return signal.aborted ? EXIT.interrupted : EXIT.failed;
    if (error instanceof UsageError)
      return await usage(out, error.path.length > 0 ? error : new UsageError(error.message, command.path));
    const aborted = signal.aborted && (!(error instanceof AppError) || error.code === "aborted" || error.code === "closed");
    await out.failure(aborted ? { code: "aborted", message: "Interrupted" } : toErrorData(error));
    return aborted ? EXIT.interrupted : EXIT.failed;
  } finally {
    await context.close();
  }
}
