import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { meanLogits } from "#main/tensor/losses.ts";
import type { Optimizer } from "#main/tensor/optimizer.ts";
import { tf } from "#main/tensor/tf.ts";
import type { TrainBatch } from "#main/units/transfers/transfer.ts";

/** What a step answers, still on the device: its loss, and how many clips of the batch were named rightly. */
export interface StepResult {
  readonly loss: Scalar;
  readonly right: Scalar;
}

/**
 * Forward, backward, update.
 * @param upload makes the batch; called inside the tidy, so that nothing of it stays.
 * @param wanted the scalar to minimise, with the logits of the stream that counts; called inside the tape.
 */
export function takeStep(
  upload: () => TrainBatch,
  wanted: (batch: TrainBatch) => { readonly loss: Scalar; readonly logits: Tensor },
  variables: Readonly<Record<string, Variable>>,
  optimizer: Optimizer,
  steps: number,
  rate: number,
): StepResult {
  return tf.tidy(() => {
    const batch = upload();
    let right: Scalar | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const { loss, logits } = wanted(batch);
      const answers = tf.argMax(meanLogits(logits as never, steps), 1);
      right = tf.keep(tf.sum<Scalar>(tf.equal(answers, batch.labels).toFloat()));
      return loss;
    }, Object.values(variables));
    const named: Record<string, Tensor> = {};
    for (const [name, variable] of Object.entries(variables)) {
      const gradient = grads[variable.name];
      if (gradient !== undefined && gradient !== null) named[name] = gradient;
    }
    optimizer.apply(named, rate);
    return { loss: value, right: right as Scalar };
  });
}
