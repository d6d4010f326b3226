import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec, Guess } from "../codec.ts";
import { eventPlaces, type EventPlace } from "../hdf5/event-places.ts";
import { forgetFile, treeOf } from "../hdf5/library.ts";
import type { LibraryTree } from "../hdf5/library-messages.ts";
import { statedSensor } from "../hdf5/place-facts.ts";
import { placeTable } from "../hdf5/place-table.ts";
import { behindUserBlock, extensions, userBlockOf } from "../hdf5/superblock.ts";
import type { Answers } from "../reading.ts";
import type { PassRecording } from "../recording.ts";
import { tableRecording } from "../tables/table.ts";

/** Data sets that a message lists. */
const NAMED = 6;

/** The place that the user names, else the likeliest. @throws AppError `unknown-format`, `bad-parameter`. */
function choose(
  name: string,
  tree: LibraryTree,
  places: readonly EventPlace[],
  { group = "auto" }: Answers,
): readonly [place: EventPlace, guess: Guess | undefined] {
  const [first, ...others] = places;
  if (first === undefined) {
    const found = tree.datasets.map(({ path, shape }) => `${path} (${shape.join("×") || "one"})`);
    const list = found.length === 0 ? "nothing" : found.slice(0, NAMED).join(", ") + (found.length > NAMED ? ", …" : "");
    throw new AppError("unknown-format", `${name} is an HDF5 file without a list of events: it holds ${list}`, {
      hint: "Expected a group with x, y, t and p of one length, records with these names, or a matrix with four columns.",
    });
  }
  if (group !== "auto" && group.trim() !== "") {
    const wanted = `/${group.trim().replace(/^\/+|\/+$/g, "")}`;
    const named = places.find(({ path }) => path === wanted || (path === "" && wanted === "/"));
    if (named !== undefined) return [named, undefined];
    throw new AppError("bad-parameter", `${name} has no events at ${wanted}`, {
      hint: `Events were found at ${places.map(({ path }) => path || "/").join(", ")}.`,
    });
  }
  if (others.length === 0) return [first, undefined];
  const rest = others.map(({ path }) => path || "/").join(", ");
  return [first, { param: "group", value: first.path || "/", reason: `events also lie at ${rest}`, sure: false }];
}

/** Bytes in which the signature is looked for. */
const HEAD = 4096;

async function open(whole: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  const head = await whole.read(0, HEAD);
  const block = userBlockOf(head) ?? 0;
  const file = block === 0 ? whole : behindUserBlock(whole, block);
  try {
    const tree = await treeOf(file);
    const [place, guess] = choose(file.name, tree, eventPlaces(tree), answers);
    const sensor = await statedSensor(file, tree, place);
    const attributes = Object.assign({}, tree.attributes[""], tree.attributes[place.path]) as Record<string, string>;
    return await tableRecording(
      placeTable(file, place),
      {
        name: file.name,
        label: basename(file.name),
        size: file.size,
        encoding: "hdf5",
        metadata: { ...attributes, place: place.path || "/" },
        ...(sensor === undefined ? {} : { sensor }),
        ...(place.layout === undefined ? {} : { layout: place.layout }),
        ...(place.unit === undefined ? {} : { unit: place.unit }),
        ...(guess === undefined ? {} : { guesses: [guess] }),
      },
      answers,
    );
  } catch (error) {
    await forgetFile(file);
    throw error;
  }
}

/** Any HDF5 file with columns of events: MVSEC, M3ED, E2VID's packer, tonic, SpikingJelly and others. */
export const hdf5Columns = {
  id: "hdf5-columns",
  label: "HDF5 columns",
  summary: "Events as columns, records or a matrix in an HDF5 file: MVSEC, M3ED, E2VID, tonic, SpikingJelly and the like.",
  params: {},
  extensions,
  probe: (head) => userBlockOf(head) !== undefined,
  open,
} satisfies Codec;
