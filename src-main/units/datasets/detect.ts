import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { FoundDataset } from "#shared/api/stream-api.ts";
import { findUnit } from "#shared/units/unit.ts";
import { datasets } from "./index.ts";
import type { DatasetLayout } from "./layout.ts";
import { lookAt, type FolderLook } from "./look.ts";
import { partOf } from "./walk.ts";

/** Two layouts that differ by less are both possible, and the user is told. */
const CLOSE = 0.12;
/** A folder around the data set, and one around that: archives unpack so. */
const MAX_WRAPPERS = 3;
/** Bids from here on are for a set that is known by name. */
const BY_NAME = 0.85;
/** So many folders inside are looked at for a hint when nothing fits. */
const HINTED = 20;

type Bid = { readonly unit: DatasetLayout; readonly sure: number };

const bidsOn = (look: FolderLook, among: readonly DatasetLayout[]): readonly Bid[] =>
  among
    .map((unit) => ({ unit, sure: unit.probe(look) }))
    .filter(({ sure }) => sure > 0)
    .toSorted((a, b) => b.sure - a.sure);

/** The same data set, seen from a folder around it. */
function within(folder: string, found: FoundDataset): FoundDataset {
  if (folder === "") return found;
  const samples = found.samples.map((sample) => ({ ...sample, path: `${folder}/${sample.path}` }));
  return { ...found, samples, warnings: [...found.warnings, `Read from the folder ${folder} in it.`] };
}

/** The only folder inside, unless it is a part of the data set. */
const only = ({ folders: [first, ...more] }: FolderLook): string | undefined =>
  more.length > 0 || first === undefined || partOf(first) !== undefined ? undefined : first;

/** The folder that holds the data set: this one, or the only one in it where that fits better. */
async function settle(
  path: string,
  among: readonly DatasetLayout[],
): Promise<{ readonly folder: string; readonly bids: readonly Bid[]; readonly outer: FolderLook }> {
  const outer = await lookAt(path);
  let best = { folder: "", bids: bidsOn(outer, among) };
  let [look, folder] = [outer, ""];
  for (let depth = 0; depth < MAX_WRAPPERS && only(look) !== undefined; depth += 1) {
    folder = [...(folder === "" ? [] : [folder]), only(look)].join("/");
    look = await lookAt(join(path, folder));
    const bids = bidsOn(look, among);
    const [inner, around] = [bids[0]?.sure ?? 0, best.bids[0]?.sure ?? 0];
    if (inner > around || (inner === around && inner >= BY_NAME)) best = { folder, bids };
  }
  return { ...best, outer };
}

/** Folders inside that are data sets known by name, for who has chosen one too high. */
async function insideOf({ root, folders }: FolderLook): Promise<readonly string[]> {
  const known: string[] = [];
  for (const name of folders.slice(0, HINTED)) {
    const [best] = bidsOn(await lookAt(join(root, name)), datasets);
    if (best !== undefined && best.sure >= BY_NAME) known.push(`${name} (${best.unit.label})`);
  }
  return known;
}

/** What lies in a folder: by the layout named, else by the one that is surest. @throws AppError */
export async function findDataset(path: string, layout: string | undefined, signal?: AbortSignal): Promise<FoundDataset> {
  const named = layout === undefined ? undefined : findUnit("data set layout", datasets, layout);
  const { folder, bids, outer } = await settle(path, named === undefined ? datasets : [named]);
  if (named !== undefined) return within(folder, await named.read(join(path, folder), signal));
  const [best, second] = bids;
  // Several data sets side by side would also be one of a folder for each class, and a wrong one.
  const inside = (best?.sure ?? 0) < BY_NAME ? await insideOf(outer) : [];
  if (inside.length > 0) {
    throw new AppError("unknown-format", `${path} holds data sets and is none itself`, {
      hint: `Choose one of the folders in it: ${inside.join(", ")}.`,
    });
  }
  if (best === undefined) {
    throw new AppError("unknown-format", `${path} lies like no data set that is known here`, {
      hint: `Known: ${datasets.map(({ label }) => label).join(", ")}. Name one to see what it misses.`,
    });
  }
  const found = within(folder, await best.unit.read(join(path, folder), signal));
  if (second === undefined || best.sure - second.sure > CLOSE) return found;
  const remark = `Read as ${best.unit.label}; it could also be ${second.unit.label}: name the layout ${second.unit.id} for that.`;
  return { ...found, warnings: [remark, ...found.warnings] };
}
