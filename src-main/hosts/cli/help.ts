import type { Param } from "#shared/units/params.ts";
import { globalOptions } from "./arguments.ts";
import type { Command, Option, Options, Positional } from "./command.ts";

const usageOf = ({ name, optional, many }: Positional): string => {
  const word = many === true ? `${name}…` : name;
  return optional === true ? `[${word}]` : word;
};

/** `saccade convert IN OUT [options]` */
export function usageLine(command: Command): string {
  const words = ["saccade", ...command.path, ...command.positionals.map(usageOf)];
  if (Object.keys(command.options).length > 0) words.push("[options]");
  return words.join(" ");
}

/** `--from TIME` */
export const flagOf = (name: string, { param, value }: Option): string =>
  param.type === "boolean"
    ? `--${name}`
    : `--${name} ${value ?? (param.type === "choice" ? "ID" : param.type === "text" ? "TEXT" : "N")}`;

function rangeOf(param: Param): string {
  if (param.type === "choice") return `one of ${param.options.join(", ")}`;
  if (param.type !== "number" && param.type !== "integer") return "";
  const { min, max, unit } = param;
  const range = min !== undefined && max !== undefined ? `${min} to ${max}` : min !== undefined ? `at least ${min}` : "";
  return [range, unit].filter(Boolean).join(" ");
}

/** What an option is for, which values it takes and what it is when left out. */
export function describeOption({ param, many, optional }: Option): string {
  const text = [param.label, param.help].filter(Boolean).join(". ");
  const notes = [rangeOf(param), many === true ? "may be repeated" : ""];
  if (optional !== true && many !== true && param.type !== "boolean" && param.default !== "")
    notes.push(`default ${param.default}`);
  const note = notes.filter(Boolean).join("; ");
  return note === "" ? text : `${text} (${note})`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}

const optionRows = (options: Options): (readonly [string, string])[] =>
  Object.entries(options).map(([name, option]) => [flagOf(name, option), describeOption(option)] as const);

/** Help of one command. */
export function commandHelp(command: Command): string {
  const lines = [`Usage: ${usageLine(command)}`, "", command.summary];
  for (const paragraph of command.details ?? []) lines.push("", paragraph);
  if (command.positionals.length > 0)
    lines.push("", "Arguments:", ...table(command.positionals.map(({ name, summary }) => [name, summary] as const)));
  const own = optionRows(command.options);
  if (own.length > 0) lines.push("", "Options:", ...table(own));
  lines.push("", "Everywhere:", ...table(optionRows(globalOptions)));
  if (command.output !== undefined) lines.push("", "With --json:", `  ${command.output}`);
  return lines.join("\n");
}

/** Help of a group, or of everything when `group` is empty. */
export function overviewHelp(commands: readonly Command[], group: readonly string[] = []): string {
  const shown = commands.filter(({ path }) => group.every((verb, i) => path[i] === verb));
  return [
    `Usage: saccade ${[...group, "COMMAND"].join(" ")} [options]`,
    "",
    group.length === 0 ? "The lab for event cameras. Without a command the app is started." : `Commands of "${group.join(" ")}":`,
    "",
    ...table(
      shown.map((command) => [[...command.path, ...command.positionals.map(usageOf)].join(" "), command.summary] as const),
    ),
    "",
    "Everywhere:",
    ...table(optionRows(globalOptions)),
    "",
    "saccade COMMAND --help tells more. Times are µs; 20ms and 1.5s are understood too.",
  ].join("\n");
}
