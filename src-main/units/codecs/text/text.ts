import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec } from "../codec.ts";
import type { Findings } from "../findings.ts";
import { emptyRecording, PassRecording, type PassOptions, type Step } from "../recording.ts";
import { isText } from "../signatures.ts";
import { eventColumns, packetsOf } from "../tables/columns.ts";
import { meaningOfColumns, type Meaning } from "../tables/interpret.ts";
import { orientationOf } from "../tables/table.ts";
import { dialectOf, type Dialect } from "./dialect.ts";
import { NEWLINE, readLines, type LinePlan, type LineTally } from "./lines.ts";
import { sampleText } from "./sample.ts";
import { textSink } from "./sink.ts";

/** Bytes read for one packet, and between two looks at the clock while an index is built. */
const BLOCK = 1 << 18;
const INDEX_BLOCK = 1 << 16;
/** The shortest line of an event has so many bytes. */
const SHORTEST = 8;
/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 16 << 20;
/** The header of a text lies in its first bytes. */
const HEAD = 1 << 16;

async function* textPass(file: ByteSource, dialect: Dialect, meaning: Meaning, options: PassOptions): AsyncGenerator<Step> {
  const { findings, from, signal } = options;
  const size = options.grain === "index" ? INDEX_BLOCK : BLOCK;
  const buffer = new Uint8Array(size + 1);
  const columns = eventColumns(size / SHORTEST);
  const writer = new PacketWriter(1 << 13);
  const plan: LinePlan = { ...meaning, classes: dialect.classes, point: dialect.point };
  const tally: LineTally = { line: from.state?.["line"] ?? dialect.line, broken: 0, first: [] };
  let position = from.offset;
  /** Start of a line that is longer than the buffer, or -1. */
  let long = -1;
  while (position < file.size) {
    signal?.throwIfAborted();
    const bytes = await file.read(position, size, buffer);
    if (bytes.length === 0) break;
    const before = { offset: position, state: { line: tally.line } };
    let end = bytes.lastIndexOf(NEWLINE) + 1;
    if (position + bytes.length >= file.size && end < bytes.length) {
      buffer[bytes.length] = NEWLINE; // the last line has no end
      end = bytes.length + 1;
    }
    let used = bytes.length;
    columns.count = 0;
    if (end === 0) long = long < 0 ? position : long;
    else {
      let start = 0;
      if (long >= 0) {
        start = bytes.indexOf(NEWLINE) + 1 || end;
        tally.broken += 1;
        tally.first.push({ offset: long, bytes: Math.min(file.size, position + start) - long, line: tally.line });
        tally.line += 1;
        long = -1;
      }
      used = start + readLines(buffer.subarray(start), end - start, plan, columns, tally, position + start);
    }
    position = Math.min(file.size, position + used);
    const after = { offset: position, state: { line: tally.line } };
    for (const { packet, last } of packetsOf(columns, meaning.sensor, writer, findings)) {
      const { t0, words } = packet;
      const time = words.length === 0 ? undefined : t0 + words[words.length - 2]!;
      yield { packet, place: () => (last ? after : before), time };
    }
  }
  if (long >= 0) {
    tally.broken += 1;
    tally.first.push({ offset: long, bytes: file.size - long, line: tally.line });
  }
  reportBroken(file.size, tally, findings);
}

function reportBroken(size: number, { broken, first }: LineTally, findings: Findings): void {
  for (const { offset, bytes, line } of first) {
    const end = Math.min(size, offset + bytes);
    const cut = end === size && bytes > size - offset ? ", it was cut off" : "";
    findings.damage({ offset, bytes: end - offset, reason: `line ${line} is no event${cut}` });
  }
  if (broken > first.length) {
    findings.damage({ offset: size, bytes: 0, reason: `${broken - first.length} more lines are no events and are not listed` });
  }
  if (broken > 0) findings.dropped({ "broken lines": broken });
}

const noText = (file: ByteSource): AppError =>
  new AppError("damaged", `${file.name} is text, but most of its first lines are no events`, {
    hint: "Expected a line for each event with time, x, y and polarity.",
  });

/** Text with a line for each event, in the many ways that labs write it. */
export const text = {
  id: "text",
  label: "Text or CSV",
  summary: "A line for each event with time, x, y and polarity, parted by blanks, commas, semicolons or tabs.",
  params: {},
  extensions: [".txt", ".csv", ".tsv"],
  probe: (head) => isText(head) && dialectOf(head) !== undefined,
  open: async (file, answers = {}) => {
    const head = await file.read(0, HEAD, new Uint8Array(Math.min(HEAD, file.size)));
    const dialect = dialectOf(head);
    if (dialect === undefined) throw noText(file);
    const { stats, whole, lines, broken } = await sampleText(file, dialect);
    if (broken > lines / 2) throw noText(file);
    if ((stats[0]?.count ?? 0) === 0) {
      const { sensor } = dialect;
      const label = basename(file.name);
      return emptyRecording({
        label,
        size: file.size,
        sensor,
        encoding: "text",
        metadata: {},
        answers,
        close: () => file.close(),
      });
    }
    const facts = { name: file.name, ...(dialect.sensor === undefined ? {} : { sensor: dialect.sensor }) };
    const meaning = meaningOfColumns({ names: dialect.names, stats, whole }, facts, answers);
    const recording = new PassRecording({
      info: { sensor: meaning.sensor, label: basename(file.name) },
      encoding: "text",
      metadata: meaning.metadata,
      ...orientationOf(undefined, meaning.oneBased),
      guesses: meaning.guesses,
      start: { offset: dialect.start, state: { line: dialect.line } },
      end: file.size,
      pass: (options) => textPass(file, dialect, meaning, options),
      close: () => file.close(),
    });
    if (file.size <= MEASURE_BYTES) await recording.measure();
    return recording;
  },
  create: (file) => textSink(file),
} satisfies Codec;
