import type { BackendReport, ComputeApi, InferenceApi } from "#shared/api/compute-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { Evaluation, JobSample, RunEvent, TrainJob } from "#shared/api/run.ts";
import { describeUnit } from "#shared/units/unit.ts";
import { augmentations } from "#main/units/augmentations/index.ts";
import { benchTrain } from "#main/units/backends/bench-train.ts";
import { backends } from "#main/units/backends/index.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { models } from "#main/units/models/index.ts";
import { neurons } from "#main/units/neurons/index.ts";
import { surrogates } from "#main/units/surrogates/index.ts";
import { transfers } from "#main/units/transfers/index.ts";
import { estimate } from "./estimate.ts";
import { evaluationOf } from "./evaluation.ts";
import { Queue } from "./events.ts";
import { latencyOf, loadModel, Sessions } from "./infer.ts";
import { listen, type Listener } from "./listen.ts";
import { loadClips } from "./load.ts";
import { measure } from "./measure.ts";
import { train } from "./train.ts";

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The compute worker without its process: what `entry.ts` serves and tests call directly. */
export function createCompute(): { readonly api: ComputeApi; readonly close: () => Promise<void> } {
  const sessions = new Sessions();
  let running: { stopped: boolean; readonly done: Promise<void> } | undefined;
  let line: Promise<Listener> | undefined;

  const trainFeed = async function* (job: TrainJob, signal?: AbortSignal): AsyncGenerator<RunEvent> {
    if (running !== undefined) {
      throw new AppError("busy", "A training is running", { hint: "Wait for its end or stop it." });
    }
    const events = new Queue<RunEvent>();
    const state = { stopped: signal?.aborted === true };
    signal?.addEventListener("abort", () => (state.stopped = true), { once: true });
    const work = async (): Promise<void> => {
      const emit = (event: RunEvent): void => events.push(event);
      try {
        emit({ kind: "state", state: "running", at: Date.now(), run: job.runId });
        const { id, device, reason } = await selectBackend(job.spec.backend);
        emit({ kind: "backend", id, device, reason });
        await train(job, { emit, stopping: () => state.stopped });
      } catch (error) {
        emit({ kind: "state", state: "failed", at: Date.now(), run: job.runId, error: toErrorData(error) });
      } finally {
        running = undefined;
        events.end();
      }
    };
    const done = work();
    running = Object.assign(state, { done });
    try {
      yield* events;
    } finally {
      state.stopped = true; // the consumer has left
      await done;
    }
  };

  const evaluate = async (
    modelDir: string,
    dataset: string,
    samples: readonly JobSample[],
    backend: string,
  ): Promise<Evaluation> => {
    await selectBackend(backend);
    const loaded = await loadModel(modelDir);
    const { recipe, network, head, manifest } = loaded;
    try {
      const { sets, report } = await loadClips({ test: samples }, recipe, undefined);
      const first = sets.test.values[0];
      if (first === undefined) {
        throw new AppError("empty", `There is nothing to evaluate in "${dataset}"`, {
          hint: "Choose another part of the data set.",
        });
      }
      const tet = { lambda: 1e-3, target: recipe.neuron.threshold };
      const { input, spec } = recipe;
      const measured = await measure(network, head, sets.test, manifest.classes.length, input, spec.batchSize, tet, breathe);
      const latencyMs = await latencyOf(loaded, input, first);
      return evaluationOf({ model: manifest.id, dataset, classes: manifest.classes }, sets.test, measured, network, input, {
        latencyMs,
        windowUs: report.windowUs,
      });
    } finally {
      network.dispose();
    }
  };

  const predict: InferenceApi["predict"] = (session, window) => sessions.predict(session, window);

  const api: ComputeApi = {
    hello: () => Promise.resolve({ node: process.version, pid: process.pid }),
    catalog: () =>
      Promise.resolve({
        neurons: neurons.map(describeUnit),
        surrogates: surrogates.map(describeUnit),
        models: models.map(describeUnit),
        transfers: transfers.map((unit) => ({ ...describeUnit(unit), needsSource: unit.needsSource })),
        augmentations: augmentations.map(describeUnit),
        backends: backends.map(describeUnit),
      }),
    probe: async () => {
      const reports: BackendReport[] = [];
      for (const backend of backends.toSorted((a, b) => b.rank - a.rank)) {
        const { id, label } = backend;
        reports.push({ id, label, ...(await backend.probe()) });
      }
      return reports;
    },
    benchTrain: (backend, network, steps) => benchTrain(backend, steps, network),
    estimate: async (job) => {
      if (running !== undefined) {
        throw new AppError("busy", "A training is running, so a step cannot be timed", { hint: "Wait for its end." });
      }
      return estimate(job, await selectBackend(job.spec.backend));
    },
    train: trainFeed,
    stop: async () => {
      if (running === undefined) return;
      running.stopped = true;
      await running.done;
    },
    evaluate,
    load: async (modelDir, backend) => {
      const { device } = await selectBackend(backend);
      const { session, loaded } = await sessions.load(modelDir);
      return { session, manifest: loaded.manifest, input: loaded.recipe.input, device };
    },
    unload: (session) => {
      sessions.unload(session);
      return Promise.resolve();
    },
    predict,
    listen: async () => {
      line ??= listen({ predict });
      const { path, token } = await line;
      return { path, token };
    },
  };
  return {
    api,
    close: async () => {
      if (running !== undefined) {
        running.stopped = true;
        await running.done;
      }
      await (await line)?.close();
    },
  };
}
