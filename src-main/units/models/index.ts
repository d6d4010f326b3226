import type { Model } from "./model.ts";
import { nmnistNet } from "./nmnist-net/nmnist-net.ts";
import { resnet18 } from "./resnet-18/resnet-18.ts";
import { scnn } from "./scnn/scnn.ts";
import { vggR2etl } from "./vgg-r2etl/vgg-r2etl.ts";
import { vggSnn } from "./vgg-snn/vgg-snn.ts";

/** All models. The list is explicit; nothing scans folders at run time. */
export const models: readonly Model[] = [vggSnn, vggR2etl, resnet18, scnn, nmnistNet];
