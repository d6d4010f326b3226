import { commands } from "./commands/index.ts";
import { EXIT, run } from "./run.ts";

/*
 * The command line. Ctrl-C asks the running command to finish and keep what is done; a second one ends at once.
 */

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort(name);
  });
}
// `saccade events FILE | head` closes the pipe early: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed);
});

const code = await run(process.argv.slice(2), commands, process, interrupt.signal);
process.stdout.write("", () => process.exit(code)); // after everything that is still on its way
