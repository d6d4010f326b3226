import { denseAccumulator, denseParams } from "../dense-accumulator.ts";
import type { Representation } from "../representation.ts";

/** Times may step back a little, so the search goes on for so many steps behind the last event that counts. */
const BACK = 1;

/** Events shared out between the two nearest of T instants. */
export const voxelGrid = {
  id: "voxel-grid",
  label: "Voxel grid",
  summary:
    "Each event is shared by the two nearest of T instants in proportion to their distance, polarities apart (Zhu et al., CVPR 2019, arXiv:1812.08156).",
  params: denseParams,
  create: (options, sensor) =>
    denseAccumulator(options, sensor, ({ store, first, end, range }, { columns, rows, width }) => {
      const { times, packed } = store;
      const start = range?.start ?? times[first]!;
      const span = (range?.end ?? times[end - 1]!) - start;
      // t* = (T − 1)(t − t_start) / span; step k gets max(0, 1 − |k − t*|).
      const scale = span > 0 ? (options.steps - 1) / span : 0;
      let from = first;
      return (plane, step) => {
        plane.fill(0);
        let passed = true;
        for (let i = from; i < end; i += 1) {
          const position = (times[i]! - start) * scale;
          if (passed && position <= step)
            from = i; // earlier events have no share in later steps
          else passed = false;
          if (position >= step + 1 + BACK) break;
          const weight = 1 - Math.abs(step - position);
          if (weight <= 0) continue;
          const word = packed[i]!;
          plane[2 * (rows[(word >>> 14) & 0x3fff]! * width + columns[word & 0x3fff]!) + (word >>> 28)]! += weight;
        }
      };
    }),
} satisfies Representation<typeof denseParams>;
