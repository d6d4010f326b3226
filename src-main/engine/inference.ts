import type { ClassifySettings } from "#shared/api/engine-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import type { ClassifyOptions, Prediction } from "#shared/api/stream-api.ts";
import { log } from "#main/lib/log.ts";
import type { Models } from "./models/models.ts";
import type { Streams } from "./streams/streams.ts";
import { explain, type Workers } from "./workers.ts";

export interface InferenceContext {
  readonly workers: Workers;
  readonly streams: Streams;
  readonly models: Models;
  /** Where models are computed unless something runs already. */
  readonly backend: string;
  /** Told which device answers. */
  readonly onBackend: (backend: { readonly id: string; readonly device: string }) => void;
}

/** Four answers in the span of a window: often enough to feel live, and each still sees mostly new events. */
const STRIDES_PER_WINDOW = 4;

/**
 * Classifies a stream with a model: the compute worker loads it, the stream worker makes windows with the model's own
 * filters and representation, and the two talk directly. Only the answers come through here.
 */
export async function* classify(
  { workers, streams, models, backend, onBackend }: InferenceContext,
  streamId: string,
  modelId: string,
  settings: ClassifySettings = {},
  signal?: AbortSignal,
): AsyncGenerator<Prediction, void, undefined> {
  const stream = streams.worker(streamId);
  const model = await models.get(modelId);
  // A run that computes keeps its process: windows are answered between its steps.
  const used = workers.computeNow()?.backend ?? backend;
  const compute = await workers.compute(used);
  const { session, manifest, device } = await compute.api.load(model.path, used).catch(async (error: unknown) => {
    throw await explain(error, compute, "compute");
  });
  onBackend({ id: used, device });
  try {
    const line = await compute.api.listen();
    const windowUs = settings.windowUs ?? manifest.windowUs;
    const options: ClassifyOptions = {
      compute: line,
      session,
      filters: manifest.spec.filters,
      representation: manifest.spec.representation,
      classes: manifest.classes,
      windowUs,
      strideUs: settings.strideUs ?? Math.max(1, Math.round(windowUs / STRIDES_PER_WINDOW)),
      ...(settings.offline !== undefined && { offline: settings.offline }),
    };
    const { stream: player } = stream.api;
    yield* signal === undefined ? player.classify(options) : player.classify(options, signal);
  } catch (error) {
    if (signal?.aborted === true && toErrorData(error).code === "aborted") return;
    throw await explain(await explain(error, stream, "stream"), compute, "compute");
  } finally {
    // Without the worker there is nothing left to unload.
    await compute.api.unload(session).catch((error: unknown) => log("info", "inference", toErrorData(error).message));
  }
}
