import { existsSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";

/** Names that a file grows under until it has its final format: see `settle.ts`. */
const besides = (path: string): readonly string[] => [path, `${path}.json`, `${path}.wire`, `${path}.wire.json`];
const isFree = (path: string): boolean => !besides(path).some((one) => existsSync(one));

/** A path that is free, also for its sidecar: the name, or the name with a number behind it. */
export function freePath(folder: string, name: string, extension: string, first = 1): string {
  for (let count = first; ; count += 1) {
    const path = join(folder, `${name}${count === 1 ? "" : ` ${count}`}${extension}`);
    if (isFree(path)) return path;
  }
}

/** The files of a series that are there: the path, and behind `hand.raw` also `hand 2.raw`, `hand 3.raw`, … without a gap. */
export function seriesOf(path: string): readonly string[] {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const found = [path];
  for (let count = 2; existsSync(`${stem} ${count}${extension}`); count += 1) found.push(`${stem} ${count}${extension}`);
  return found;
}

/** The next free path of a series: behind `hand.raw` comes `hand 2.raw`. */
export function nextFreePath(path: string): string {
  const extension = extname(path);
  return freePath(dirname(path), basename(path, extension), extension, 2);
}
