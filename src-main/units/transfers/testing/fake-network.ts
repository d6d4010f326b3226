import type { Tensor } from "@tensorflow/tfjs";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { createRandom } from "#main/tensor/random.ts";
import type { Network, NetworkOutput, PassOptions } from "#main/units/models/model.ts";
import type { TrainingPlan, TrainPosition, Transfer } from "../transfer.ts";

/** A network that answers what it is told, so that a loss can be computed from known numbers. It keeps what it was asked. */
export function fakeNetwork(
  answers: Readonly<Record<string, () => NetworkOutput>>,
  shapes: Network["shapes"] = { last: [2] },
): Network & { readonly asked: { readonly x: Tensor; readonly options: PassOptions }[] } {
  const asked: { x: Tensor; options: PassOptions }[] = [];
  return {
    asked,
    ...{ weights: {}, trainable: [], macs: {}, shapes },
    forward: (x, options) => {
      asked.push({ x, options });
      const answer = answers[options.head];
      if (answer === undefined) throw new Error(`no answer for ${options.head}`);
      return answer();
    },
    dispose: () => undefined,
  };
}

/** A plan over so many steps and classes, with the transfer's defaults unless something else is said. */
export function planOf(transfer: Transfer, raw: RawParams, network: Network, steps: number, classes: number): TrainingPlan {
  return transfer.plan(parseParams(transfer.params, raw), {
    ...{ network, classes, steps, epochs: 4, threshold: 0.5, fromModel: false },
    random: (purpose) => createRandom(1, purpose).next,
  });
}

/** Somewhere in the first phase of a plan. */
export function positionIn(plan: TrainingPlan, epoch = 0, iteration = 0, iterations = 100): TrainPosition {
  const [phase] = plan.phases;
  if (phase === undefined) throw new Error("the plan has no phase");
  return { phase, epoch, iteration, iterations };
}
