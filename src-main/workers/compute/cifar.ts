import { CIFAR_RECORD, CIFAR_SIDE, cifarPlanes } from "#main/units/datasets/cifar10/records.ts";
import type { PictureContainer } from "./pictures.ts";

/** Color pictures of a batch of CIFAR-10. A picture that is not there is `damaged`. */
export const parseCifar = (bytes: Uint8Array, name: string): PictureContainer => ({
  count: Math.floor(bytes.length / CIFAR_RECORD),
  picture: (index) => ({
    width: CIFAR_SIDE,
    height: CIFAR_SIDE,
    planes: Float32Array.from(cifarPlanes(bytes, index, name), (value) => value / 255),
  }),
});
