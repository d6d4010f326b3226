import { AppError } from "#shared/api/errors.ts";
import type { FoundDataset } from "#shared/api/stream-api.ts";
import { findUnit } from "#shared/units/unit.ts";
import { datasets } from "#main/units/datasets/index.ts";

/** What lies in a folder: by the layout named, else by the one that is surest. @throws AppError */
export async function findDataset(path: string, layout: string | undefined, signal?: AbortSignal): Promise<FoundDataset> {
  if (layout !== undefined) return findUnit("data set layout", datasets, layout).read(path, signal);
  const bids = await Promise.all(datasets.map(async (unit) => ({ unit, sure: await unit.probe(path) })));
  const best = bids.reduce<(typeof bids)[number] | undefined>(
    (winner, bid) => (bid.sure > (winner?.sure ?? 0) ? bid : winner),
    undefined,
  );
  if (best === undefined) {
    throw new AppError("unknown-format", `${path} lies like no data set that is known here`, {
      hint: `Known: ${datasets.map(({ label }) => label).join(", ")}. Name one to see what it misses.`,
    });
  }
  return best.unit.read(path, signal);
}
