import { AppError } from "#shared/api/errors.ts";

/*
 * The binary version of CIFAR-10: records of one byte for the class and 32 × 32 bytes for each of red, green and blue, row by
 * row (A. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html).
 */
const SIDE = 32;
const PLANE = SIDE * SIDE;

/** Length of one record. */
export const CIFAR_RECORD = 1 + 3 * PLANE;

const FILE = /(^|[/\\])(data_batch_[1-5]|test_batch)\.bin$/;

/** Whether a file is a batch by its name. */
export const isCifarBatch = (path: string): boolean => FILE.test(path);

/** Width and height of every picture. */
export const CIFAR_SIDE = SIDE;

/** Class numbers of all records. @throws AppError `damaged` when the length or a class cannot be right. */
export function cifarLabels(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length === 0 || bytes.length % CIFAR_RECORD !== 0) {
    throw new AppError("damaged", `${name} has ${bytes.length} bytes, no whole number of records of ${CIFAR_RECORD}`, {
      hint: "Copy or download it again.",
    });
  }
  const labels = Uint8Array.from({ length: bytes.length / CIFAR_RECORD }, (_, index) => bytes[index * CIFAR_RECORD] ?? 0);
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new AppError("damaged", `${name} is no batch of CIFAR-10: record ${wrong} has the class ${labels[wrong]}`, {
      hint: "Use the binary version; its records begin with a class from 0 to 9.",
    });
  }
  return labels;
}

/** Red, green and blue of a picture, a plane of 32 × 32 bytes each. @throws AppError `damaged`. */
export function cifarPlanes(bytes: Uint8Array, index: number, name: string): Uint8Array {
  const at = index * CIFAR_RECORD + 1;
  if (index < 0 || at + 3 * PLANE > bytes.length) {
    throw new AppError("damaged", `${name} ends before or within the picture that was asked for`, {
      hint: "Copy the file again, or add the data set anew.",
    });
  }
  return bytes.subarray(at, at + 3 * PLANE);
}
