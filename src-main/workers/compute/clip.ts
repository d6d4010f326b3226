import { AppError, toAppError } from "#shared/api/errors.ts";
import type { JobSample } from "#shared/api/run.ts";
import { countOf, firstTime, lastTime } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { EventSource } from "#shared/events/source.ts";
import { log } from "#main/lib/log.ts";
import { checkAnswers } from "#main/units/codecs/answers.ts";
import type { IndexEntry, OpenRecording } from "#main/units/codecs/codec.ts";
import { openRecording, type OpenedRecording } from "#main/units/codecs/open-recording.ts";
import { createFilterChain } from "#main/units/filters/chain.ts";
import type { Recipe } from "./spec.ts";

/** A clip as network input. */
export interface DenseClip {
  /** `[T, H, W, C]` */
  readonly values: Float32Array;
  readonly spanUs: number;
  readonly sensor: Sensor;
}

/** The file of a sample, read as its data set knows that it has to be. */
const openSample = ({ id, path, answers }: JobSample): Promise<OpenedRecording> =>
  openRecording(path, answers === undefined ? {} : { answers: checkAnswers(answers, id) });

/** Distance of the places at which a recording of several clips can be entered. */
const INDEX_EVERY_US = 100_000;

async function represent(source: EventSource, sample: JobSample, recipe: Recipe, signal?: AbortSignal): Promise<DenseClip> {
  const { sensor } = source.info;
  const accumulator = recipe.accumulator(sensor);
  const chain = createFilterChain(
    recipe.filters.map(({ unit, params }) => ({ id: unit.id, params })),
    sensor,
  );
  const { range } = sample;
  let events = 0;
  let first: number | undefined;
  let last = 0;
  const options = { ...(range && { from: range.start, to: range.end }), ...(signal && { signal }) };
  for await (const packet of source.read(options)) {
    const kept = chain(packet);
    const count = countOf(kept);
    if (count === 0) continue;
    events += count;
    first ??= firstTime(kept);
    last = lastTime(kept) ?? last;
    accumulator.add(kept);
  }
  if (events === 0) {
    throw new AppError("empty", `${sample.id} has no events${recipe.filters.length > 0 ? " left after the filters" : ""}`, {
      hint: "Remove the sample from the data set, or choose weaker filters.",
    });
  }
  const spanUs = range === undefined ? last - (first ?? last) : range.end - range.start;
  const [steps] = recipe.input;
  if (spanUs < steps) {
    throw new AppError("empty", `${sample.id} lasts ${spanUs} µs and cannot be cut into ${steps} time steps`, {
      hint: "Remove the sample from the data set, or choose a representation with fewer steps.",
    });
  }
  const values = new Float32Array(recipe.input.reduce((product, side) => product * side, 1));
  if (range === undefined) accumulator.read(values);
  else accumulator.read(values, range);
  return { values, spanUs, sensor };
}

/**
 * Reads clips one after the other. A recording that holds several which are asked for in a row is opened once and gets an
 * index, or each clip would cost the decoding of all that lies before it.
 */
export class ClipReader {
  #opened: { readonly key: string; readonly recording: OpenRecording; indexed: boolean } | undefined;

  /**
   * Decodes, filters and represents one sample.
   * @throws AppError when the file cannot be read, or when no event is left.
   */
  async read(sample: JobSample, recipe: Recipe, signal?: AbortSignal): Promise<DenseClip> {
    return represent(await this.#recordingOf(sample, signal), sample, recipe, signal);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.recording.close();
  }

  async #recordingOf(sample: JobSample, signal: AbortSignal | undefined): Promise<OpenRecording> {
    const key = JSON.stringify([sample.path, sample.answers ?? {}]);
    if (this.#opened?.key !== key) {
      await this.close();
      const { recording } = await openSample(sample);
      this.#opened = { key, recording, indexed: false };
      return recording;
    }
    const opened = this.#opened;
    if (!opened.indexed && sample.range !== undefined) {
      opened.indexed = true;
      const entries: IndexEntry[] = [];
      for await (const entry of opened.recording.buildIndex?.(INDEX_EVERY_US, signal) ?? []) entries.push(entry);
      if (entries.length > 0) opened.recording.useIndex?.(entries);
    }
    return opened.recording;
  }
}

/** One sample by itself. @throws AppError when the file cannot be read, or when no event is left. */
export async function readClip(sample: JobSample, recipe: Recipe, signal?: AbortSignal): Promise<DenseClip> {
  const reader = new ClipReader();
  try {
    return await reader.read(sample, recipe, signal);
  } finally {
    await reader.close();
  }
}

/** The sensor of the first sample that can be opened; `undefined` when none can. */
export async function sensorOf(samples: readonly JobSample[]): Promise<Sensor | undefined> {
  for (const sample of samples) {
    try {
      const { recording } = await openSample(sample);
      const { sensor } = recording.info;
      await recording.close();
      return sensor;
    } catch (error) {
      log("info", "compute", `the sensor of ${sample.id} is unknown: ${toAppError(error).message}`); // loading names it again
    }
  }
  return undefined;
}
