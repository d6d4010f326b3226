import { aslDvs } from "./asl-dvs.ts";
import { caltech101 } from "./caltech101.ts";
import { cepDvsImages } from "./cep-dvs/cep-dvs-images.ts";
import { cepDvs } from "./cep-dvs/cep-dvs.ts";
import { cifar10Dvs } from "./cifar10-dvs.ts";
import { cifar10 } from "./cifar10/cifar10.ts";
import { dvsLip } from "./dvs-lip.ts";
import { dvs128Gesture } from "./dvs128-gesture.ts";
import { folderPerClass } from "./folder-per-class.ts";
import { idxImages } from "./idx-images.ts";
import { imagesFolder } from "./images-folder.ts";
import { labelledRecordings } from "./labelled-recordings.ts";
import type { DatasetLayout } from "./layout.ts";
import { nCaltech101 } from "./n-caltech101.ts";
import { nCars } from "./n-cars.ts";
import { nMnist } from "./n-mnist.ts";
import { nOmniglot } from "./n-omniglot.ts";
import { omniglot } from "./omniglot.ts";

/** All datasets. The list is explicit; nothing scans folders at run time. */
export const datasets: readonly DatasetLayout[] = [
  nMnist,
  nCaltech101,
  cifar10Dvs,
  dvs128Gesture,
  nOmniglot,
  cepDvs,
  dvsLip,
  aslDvs,
  nCars,
  labelledRecordings,
  folderPerClass,
  idxImages,
  cifar10,
  caltech101,
  omniglot,
  cepDvsImages,
  imagesFolder,
];
