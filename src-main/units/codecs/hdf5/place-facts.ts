import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { bytesOf, readNumbers } from "../tables/numbers.ts";
import type { EventPlace } from "./event-places.ts";
import { readBlock } from "./library.ts";
import type { LibraryTree } from "./library-messages.ts";

/** Numbers of a small data set; none where there is no such set. */
export async function smallNumbers(file: ByteSource, tree: LibraryTree, path: string, limit = 16): Promise<readonly number[]> {
  const dataset = tree.datasets.find((one) => one.path === path);
  if (dataset?.kind === undefined || dataset.shape.length > 1) return [];
  const count = dataset.shape[0] ?? 1;
  if (count > limit || count < 1) return [];
  const bytes = await readBlock(file, path, dataset.shape.length === 0 ? [] : [0], dataset.shape.length === 0 ? [] : [count]);
  const out = new Float64Array(count);
  readNumbers({ bytes, offset: 0, stride: bytesOf(dataset.kind), kind: dataset.kind, littleEndian: true }, count, out);
  return [...out];
}

const sizeOf = (width: number | undefined, height: number | undefined): Sensor | undefined =>
  width !== undefined && height !== undefined && Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0
    ? { width, height }
    : undefined;

/** Two whole numbers in a text; `undefined` when it is anything else. */
function pair(text: string | undefined): readonly [number, number] | undefined {
  const match = /^\D*(\d{1,5})\D+(\d{1,5})\D*$/.exec(text ?? "");
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** Size of the sensor where the file tells it, in the ways of the known data sets. */
export async function statedSensor(file: ByteSource, tree: LibraryTree, { path }: EventPlace): Promise<Sensor | undefined> {
  if (/^\/davis\/(left|right)\/events$/.test(path)) return { width: 346, height: 260 }; // MVSEC
  const [width, height] = await smallNumbers(file, tree, `${path}/calib/resolution`); // M3ED
  const calibrated = sizeOf(width, height);
  if (calibrated !== undefined) return calibrated;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  for (const place of new Set([path, parent, ""])) {
    const attributes = tree.attributes[place] ?? {};
    const rows = pair(attributes["sensor_resolution"]); // the rpg packer: height, width
    if (rows !== undefined) return sizeOf(rows[1], rows[0]);
    const named = pair(attributes["geometry"]) ?? [Number(attributes["width"]), Number(attributes["height"])];
    const stated = sizeOf(named[0], named[1]);
    if (stated !== undefined) return stated;
  }
  return undefined;
}
