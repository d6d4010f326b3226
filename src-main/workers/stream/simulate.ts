import { mkdir } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ConvertProgress, SimulateOptions } from "#shared/api/stream-api.ts";
import { lastTime } from "#shared/events/packet.ts";
import { fileError } from "#main/lib/files.ts";
import { writeSidecar } from "#main/lib/sidecar.ts";
import { simulateInput } from "#main/simulation/simulate-input.ts";
import type { SimulatedStream } from "#main/simulation/simulation.ts";
import { codecFor, newRecording } from "./convert.ts";

const REPORT_MS = 200;
/** What recordings of simulated cameras are written as when the output does not say. */
const CODEC = "prophesee-raw";

/**
 * Makes recordings of pictures and films. With a file name as output there must be one stream; with a folder each stream
 * becomes a file in it. The fraction in progress is that of the present stream. Interrupted, finished files stay.
 */
export async function* simulateRecording(options: SimulateOptions, signal: AbortSignal): AsyncGenerator<ConvertProgress> {
  const began = performance.now();
  const single = extname(options.output) !== "";
  const codec = codecFor(options.output, single ? undefined : CODEC);
  const extension = codec.extensions[0] ?? "";
  let events = 0;
  let bytes = 0;
  let streams = 0;
  for await (const stream of simulateInput(options.input, options.params, signal)) {
    if (single && streams > 0) {
      throw new AppError("bad-argument", `${options.input} makes several recordings, and ${options.output} is one file`, {
        hint: "Name a folder as output.",
      });
    }
    streams += 1;
    const path = single ? options.output : join(options.output, ...`${stream.name}${extension}`.split("/"));
    for await (const step of writeStream(path, codec, stream, events, signal)) {
      if (step.kind === "progress") yield step;
      else {
        events += step.events;
        bytes += step.bytes;
      }
    }
  }
  yield { kind: "done", events, bytes, dropped: 0, seconds: (performance.now() - began) / 1000, notKept: {}, exact: true };
}

type Step =
  Extract<ConvertProgress, { kind: "progress" }> | { readonly kind: "written"; readonly events: number; readonly bytes: number };

async function* writeStream(
  path: string,
  codec: ReturnType<typeof codecFor>,
  stream: SimulatedStream,
  before: number,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const startedAt = new Date().toISOString();
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw fileError(error, dirname(path), "create");
  }
  const target = await newRecording(path, codec, stream.info, stream.metadata);
  const { range } = stream.info;
  let events = 0;
  let first: number | undefined;
  let last = 0;
  let finished = false;
  let reported = performance.now();
  try {
    for await (const packet of stream.packets()) {
      if (signal.aborted) throw new AppError("aborted", `Writing ${path} was interrupted`);
      const t = lastTime(packet);
      if (t === undefined) continue;
      first ??= packet.t0 + (packet.words[0] ?? 0);
      last = t;
      events += packet.words.length >>> 1;
      await target.sink.write(packet);
      const now = performance.now();
      if (now - reported < REPORT_MS) continue;
      reported = now;
      const fraction = range === undefined ? 0 : Math.min(1, (t - range.start) / (range.end - range.start));
      yield { kind: "progress", fraction, events: before + events };
    }
    const bytes = await target.finish();
    finished = true;
    await writeSidecar(path, {
      schema: 1,
      state: "closed",
      codec: codec.id,
      encoding: codec.id === CODEC ? "evt3" : codec.id,
      sensor: stream.info.sensor,
      generated: true,
      metadata: stream.metadata,
      startedAt,
      closedAt: new Date().toISOString(),
      events,
      bytes,
      range: first === undefined ? { start: 0, end: 0 } : { start: first, end: last + 1 },
    });
    yield { kind: "written", events, bytes };
  } finally {
    if (!finished) await target.abandon();
  }
}
