import { join } from "node:path";
import { readText } from "../labels.ts";
import { filesIn, foldersIn, numberIn } from "../walk.ts";

/** The twenty classes: the superclasses of CIFAR-100. */
export const cepClasses = [
  "aquatic_mammals",
  "fish",
  "flowers",
  "food_containers",
  "fruit_and_vegetables",
  "household_electrical_devices",
  "household_furniture",
  "insects",
  "large_carnivores",
  "large_man-made_outdoor_things",
  "large_natural_outdoor_scenes",
  "large_omnivores_and_herbivores",
  "medium_mammals",
  "non-insect_invertebrates",
  "people",
  "reptiles",
  "small_mammals",
  "trees",
  "vehicles_1",
  "vehicles_2",
] as const;

const KNOWN: ReadonlySet<string> = new Set(cepClasses);

/** Name of the table that says which file is of which class. */
export const CEP_TABLE = "pathFile.csv";

/** A file of the set by its number: recordings and pictures of one number belong together. */
export type CepFile = { readonly path: string; readonly label: string; readonly number: number };

/** The class of each number: line n behind the header is about file n; among its words one is the name of a class. */
async function readLabels(root: string): Promise<readonly (string | undefined)[]> {
  const [, ...lines] = (await readText(join(root, CEP_TABLE))).split(/\r?\n/);
  return lines.map((line) => line.split(/[\s,;/\\]+/).find((word) => KNOWN.has(word)));
}

/** The first of these folders that is there. */
async function folderOf(root: string, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    let folder = root;
    let there = true;
    for (const name of candidate.split("/")) {
      there = (await foldersIn(folder)).includes(name);
      if (!there) break;
      folder = join(folder, name);
    }
    if (there) return candidate;
  }
  return undefined;
}

/** The files of one kind with their classes, by number, and how many have none. */
export async function cepFiles(
  root: string,
  folders: readonly string[],
  fits: (name: string) => boolean,
): Promise<{ readonly files: readonly CepFile[]; readonly unlabelled: number }> {
  if (!(await filesIn(root)).includes(CEP_TABLE)) return { files: [], unlabelled: 0 };
  const labels = await readLabels(root);
  const folder = await folderOf(root, folders);
  const names = folder === undefined ? [] : (await filesIn(join(root, folder))).filter(fits);
  const files = names.flatMap((name) => {
    const number = numberIn(name);
    const label = number === undefined ? undefined : labels[number];
    return number === undefined || label === undefined ? [] : [{ path: `${folder}/${name}`, label, number }];
  });
  return { files: files.toSorted((a, b) => a.number - b.number), unlabelled: names.length - files.length };
}
