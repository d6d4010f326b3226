import { globalOptions } from "./arguments.ts";
import type { Command, Options } from "./command.ts";
import { commands } from "./commands/index.ts";
import { describeOption, flagOf, usageLine } from "./help.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function optionTable(options: Options): string[] {
  const rows = Object.entries(options).map(
    ([name, option]) => `| \`${cell(flagOf(name, option))}\` | ${cell(describeOption(option))} |`,
  );
  return rows.length === 0 ? [] : ["", "| Option | |", "|---|---|", ...rows];
}

function section(command: Command): string[] {
  const { path, summary, details = [], positionals, options, output } = command;
  const lines = ["", `### ${path.join(" ")}`, "", "```", usageLine(command), "```", "", summary];
  for (const paragraph of details) lines.push("", paragraph);
  if (positionals.length > 0) lines.push("", ...positionals.map(({ name, summary: what }) => `- \`${name}\`: ${what}`));
  lines.push(...optionTable(options));
  if (output !== undefined)
    lines.push("", `With \`--json\`: ${output.startsWith("{") || output.startsWith("[") ? `\`${output}\`` : output}`);
  return lines;
}

/** docs/cli.md, made from the same declarations that parse the command line. */
export function cliReference(): string {
  return `${[
    "# The command line",
    "",
    "<!-- Made by scripts/write-cli-docs.ts from the declarations of the commands; a test compares the two. -->",
    "",
    "Everything the window can do without a picture, for scripts, clusters and tests. Inside a checkout: `npx saccade COMMAND`.",
    "It builds what it needs, once, and says so on stderr.",
    "",
    "- Results go to stdout, everything about the work to stderr. `--json` prints JSON and nothing else on stdout: one document, or one per",
    "  line where a command streams.",
    "- Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. Ctrl-C stops cleanly and keeps what is done; a second one ends at once.",
    '- With `--json` a failure prints `{"error":{"code","message","hint"}}` as the last line of stdout.',
    "- Times are whole microseconds; `20ms`, `1.5s` and `2min` are understood too. Ranges include their start and not their end.",
    "- The origin is top left; polarity 1 is ON.",
    "- `SACCADE_HOME` moves workspace, settings, cache and logs into one folder; `SACCADE_LOG=debug|info|warning|error` chooses what is logged.",
    "",
    "Options of every command:",
    ...optionTable(globalOptions),
    "",
    "## Commands",
    ...commands.flatMap(section),
  ].join("\n")}\n`;
}
