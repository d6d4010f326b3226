import type { Codec } from "./codec.ts";
import { codecs } from "./index.ts";
import { readingParams } from "./reading.ts";

function row(codec: Codec): string {
  const { id, label, extensions, holds = [], summary } = codec;
  const ways = codec.create === undefined ? "read" : "read, write";
  return `| ${label} | \`${id}\` | ${extensions.join(" ")} | ${ways} | ${["events", ...holds].join(", ")} | ${summary} |`;
}

/** The page about formats, from the declarations of the codecs. */
export function formatReference(): string {
  return [
    "# Recording formats",
    "",
    "<!-- Made by scripts/write-format-docs.ts from the declarations of the codecs; a test compares the two. -->",
    "",
    "A file is opened by its content; the name decides only where the content leaves a choice. Nothing is copied or changed.",
    "",
    "| Format | Id | Endings | | Holds | |",
    "|---|---|---|---|---|---|",
    ...codecs.map(row),
    "",
    "Convert with the Export dialog of the Library or `npx saccade convert IN OUT [--codec ID]`. What a format cannot hold (triggers, frames,",
    "inertial readings) is counted before writing, and triggers go into `OUT.not-kept.json` beside the new file.",
    "",
    "## What a file does not say",
    "",
    "A missing sensor size, the order of columns or the unit of time is taken from the content. Where that leaves a doubt, the window asks once,",
    "with the likely answer filled in; on the command line `--read NAME=VALUE` says it, and `info --remember` keeps it for the file.",
    "`info` lists what was taken for what, and why.",
    "",
    "| Name | Meaning | Values |",
    "|---|---|---|",
    ...Object.entries(readingParams).map(
      ([name, param]) =>
        `| \`${name}\` | ${param.label}${"help" in param ? `. ${param.help}` : ""} | ${param.type === "choice" ? param.options.join(", ") : param.type} |`,
    ),
    "",
    "## Time, order and damage",
    "",
    "- Times are whole microseconds on the clock of the file, through all turns of its counters. Text and doubles of seconds are rounded.",
    "- Files are read in their order. Steps back in time are counted and shown; nothing is sorted unless `--sort` or the switch in the Export",
    "  dialog asks for it. Formats that store differences (Event Stream, Prophesee HDF5) cannot hold a step back and say so.",
    "- Coordinates have their origin at the top left and 1 means brighter. Files that say otherwise are turned; `info` shows what is stored.",
    "- A damaged file gives what can be read and a list of places: bytes from the start, length, reason. Only a file in which nothing can be",
    "  read is refused. [testing.md](testing.md) tells how this is tried.",
    "",
  ].join("\n");
}
