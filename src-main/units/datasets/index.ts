import { folderPerClass } from "./folder-per-class.ts";
import { idxImages } from "./idx-images.ts";
import { imagesFolder } from "./images-folder.ts";
import type { DatasetLayout } from "./layout.ts";
import { nMnist } from "./n-mnist.ts";

/** All datasets. The list is explicit; nothing scans folders at run time. */
export const datasets: readonly DatasetLayout[] = [nMnist, folderPerClass, imagesFolder, idxImages];
