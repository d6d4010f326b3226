import { toErrorData } from "#shared/api/errors.ts";
import type { RecordingInspection } from "#shared/api/stream-api.ts";
import { command, PartialFailure } from "../command.ts";
import { formatBytes, formatCount, formatSpan, parseAnswers, readOption } from "../values.ts";

/** Inspections asked for at once: the worker reads the next file while an answer travels. */
const AHEAD = 4;

const describe = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`;

function forPeople(info: RecordingInspection): string {
  const { range, events, on, off, rateHz, sensor } = info;
  const share = events === 0 ? "" : ` (${((100 * on) / events).toFixed(1)} % ON)`;
  const turned = Object.entries(info.orientation).filter(([, wanted]) => wanted);
  const lines = [
    info.path,
    describe("format", `${info.codec}, ${info.encoding}, ${formatBytes(info.bytes)}`),
    describe("sensor", `${sensor.width} × ${sensor.height}`),
    describe("time", `${range.start} to ${range.end} µs (${formatSpan(range.end - range.start)})`),
    describe("events", `${formatCount(events)}: ${formatCount(on)} ON, ${formatCount(off)} OFF${share}`),
    describe(
      "rate",
      `${formatCount(Math.round(rateHz.mean))} events/s mean, ${formatCount(Math.round(rateHz.peak))} events/s peak`,
    ),
  ];
  if (info.triggers > 0) lines.push(describe("triggers", formatCount(info.triggers)));
  for (const [kind, count] of Object.entries(info.others)) lines.push(describe(kind, formatCount(count)));
  if (info.stepsBack.count > 0) {
    const { count, largestUs } = info.stepsBack;
    lines.push(describe("order", `times go back ${formatCount(count)} times, by ${formatSpan(largestUs)} at most`));
  }
  for (const { param, value, reason, sure } of info.guesses)
    lines.push(
      describe(
        sure ? "taken for" : "guessed",
        `${param} ${value}: ${reason}${sure ? "" : ` (--read ${param}=… says otherwise)`}`,
      ),
    );
  if (turned.length > 0) lines.push(describe("stored with", turned.map(([name]) => name).join(", ")));
  for (const [why, count] of Object.entries(info.dropped)) lines.push(describe("left out", `${formatCount(count)} (${why})`));
  for (const { offset, bytes, reason } of info.damage) lines.push(describe("damage", `${bytes} bytes at ${offset}: ${reason}`));
  if (info.digest !== undefined) lines.push(describe("digest", info.digest));
  return lines.join("\n");
}

export const info = command({
  path: ["info"],
  summary: "Tells what is in recordings.",
  details: [
    "Times and coordinates are as stored in the file; counter wraps are undone, nothing is flipped. A damaged file is described as far as it can be read.",
  ],
  positionals: [{ name: "FILE", summary: "Recordings of any supported format", many: true }],
  options: {
    read: readOption,
    remember: {
      param: { type: "boolean", default: false, label: "Keep the answers of --read for these files; without --read forget them" },
    },
    digest: {
      param: {
        type: "boolean",
        default: false,
        label: "SHA-256 over all events, 13 little-endian bytes each (int64 t, uint16 x, uint16 y, uint8 p)",
      },
    },
  },
  output:
    "per file one line: path, codec, encoding, bytes, sensor, range, events, on, off, first, last, rateHz, triggers, monotonic, digest, orientation, damage, dropped, stepsBack, others, guesses, metadata",
  run: async ({ out, signal, worker }, files, { digest, read, remember }) => {
    const api = await worker();
    const given = parseAnswers(read);
    if (remember) for (const path of files) await api.remember(path, given.answers ?? {});
    const inspect = (path: string): Promise<RecordingInspection | { readonly failure: unknown }> =>
      Promise.resolve(api.inspect(path, { digest, ...given }, signal)).catch((failure: unknown) => ({ failure }));
    const asked = files.slice(0, AHEAD).map(inspect);
    let failed = 0;
    for (const [index, path] of files.entries()) {
      signal.throwIfAborted();
      out.progress(index / files.length, path);
      const answer = await asked[index];
      const next = files[index + AHEAD];
      if (next !== undefined) asked.push(inspect(next));
      if (answer === undefined) continue;
      if ("failure" in answer) {
        signal.throwIfAborted();
        failed += 1;
        await out.failure(toErrorData(answer.failure), { path });
        if (index === files.length - 1) throw new PartialFailure();
        continue;
      }
      await out.data(answer);
      await out.text(forPeople(answer));
    }
    if (failed === 0) return;
    await out.failure({ code: "damaged", message: `${failed} of ${files.length} files could not be read; each is named above` });
    throw new PartialFailure();
  },
});
