import { eventFrame } from "./event-frame/event-frame.ts";
import type { Representation } from "./representation.ts";
import { timeSurface } from "./time-surface/time-surface.ts";
import { voxelGrid } from "./voxel-grid/voxel-grid.ts";

/** All representations. The list is explicit; nothing scans folders at run time. */
export const representations: readonly Representation[] = [eventFrame, timeSurface, voxelGrid];
