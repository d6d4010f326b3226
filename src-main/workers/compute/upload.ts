import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "#main/tensor/tf.ts";
import type { BatchNotes, HostBatch, TrainBatch } from "#main/units/transfers/transfer.ts";
import type { InputShape } from "./spec.ts";

/** A batch, and what its preparation has noted, as tensors; to be called inside a tidy. */
export const upload = (host: HostBatch, notes: BatchNotes | undefined, [, height, width]: InputShape): TrainBatch => {
  const folded = (values: Float32Array): Tensor => {
    const rows = host.steps * host.size;
    return tf.tensor4d(values, [rows, height, width, values.length / (rows * height * width)]);
  };
  const shares = (values: Float32Array): Tensor => tf.tensor2d(values, [host.size, values.length / host.size]);
  const { targets } = host;
  return {
    ...(host.events && { events: folded(host.events) }),
    ...(host.pictures && { pictures: folded(host.pictures) }),
    ...(targets && { targets: { events: shares(targets.events), pictures: shares(targets.pictures) } }),
    ...(notes?.marks && { marks: tf.tensor1d(notes.marks) }),
    ...(notes?.others && { others: tf.tensor1d(notes.others, "int32") }),
    labels: tf.tensor1d(host.labels, "int32"),
    size: host.size,
  };
};
