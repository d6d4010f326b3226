import { AppError } from "#shared/api/errors.ts";

/*
 * The file of a sweep: a base run, and parts that say what varies. Nothing is guessed and nothing dropped, as in a run file.
 */

/** Values of a run file by path: `{"labels.perClass": 5, "transfer.id": "scratch"}`. */
export type Settings = Readonly<Record<string, unknown>>;

/** One row of a table. */
export interface Variant {
  readonly id: string;
  readonly label: string;
  readonly set: Settings;
  /** The variant it is compared with; the part's own where it names none. */
  readonly baseline?: string;
}

/** One value on an axis. */
export interface Point {
  readonly label: string;
  readonly set: Settings;
}

/** What varies beside the variants: the columns of a table. */
export interface Axis {
  readonly label: string;
  readonly points: readonly Point[];
}

/** A number that runs record in every epoch, drawn over the epochs. */
export interface Curve {
  readonly metric: string;
  readonly label: string;
  /** Columns it is drawn for, by their heads; all when absent. */
  readonly at?: readonly string[];
}

/** A table of a sweep: variants × points of the axes × seeds. */
export interface Part {
  readonly id: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly set: Settings;
  readonly variants: readonly Variant[];
  readonly axes: readonly Axis[];
  readonly seeds: readonly number[];
  readonly baseline?: string;
  readonly curves: readonly Curve[];
}

/** A folder that is made known to the workspace when it is not yet. */
export interface SweepDataset {
  readonly name: string;
  readonly folder: string;
  readonly layout?: string;
}

export interface SweepFile {
  readonly name: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly datasets: readonly SweepDataset[];
  /** A run file. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly parts: readonly Part[];
}

type Raw = Readonly<Record<string, unknown>>;

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

function refuse(message: string, hint?: string): never {
  throw new AppError("bad-spec", `Sweep file: ${message}`, hint === undefined ? {} : { hint });
}

const isPlain = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

/** A plain object all of whose fields are known; without a list any names are. */
function objectOf(value: unknown, where: string, known?: readonly string[]): Raw {
  if (!isPlain(value)) return refuse(`${where} is ${show(value)}, expected an object`);
  const odd = known === undefined ? undefined : Object.keys(value).find((name) => !known.includes(name));
  if (odd !== undefined) refuse(`${where} has an unknown field "${odd}"`, `Known: ${known?.join(", ") ?? ""}.`);
  return value;
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  return refuse(`${where} is ${show(value)}, expected a list that is not empty`);
}

const textOf = (value: unknown, where: string): string =>
  typeof value === "string" && value.trim() !== "" ? value : refuse(`${where} is ${show(value)}, expected words`);

const nameOf = (value: unknown, where: string): string => {
  const name = textOf(value, where);
  return /^[a-z0-9][a-z0-9-]*$/.test(name)
    ? name
    : refuse(`${where} is ${show(name)}, expected small letters, digits and hyphens`, "It becomes part of file names.");
};

/** A paragraph or several. */
const paragraphs = (value: unknown, where: string): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map((line) => textOf(line, where)) : [textOf(value, where)];

const settingsOf = (value: unknown, where: string): Settings => (value === undefined ? {} : objectOf(value, where));

function distinct(names: readonly string[], what: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(`${what} "${twice}" is there twice`, "Names tell results apart.");
}

function variantOf(value: unknown, where: string): Variant {
  const given = objectOf(value, where, ["id", "label", "set", "baseline"]);
  const id = nameOf(given["id"], `${where}.id`);
  return {
    id,
    label: given["label"] === undefined ? id : textOf(given["label"], `${where}.label`),
    set: settingsOf(given["set"], `${where}.set`),
    ...(given["baseline"] !== undefined && { baseline: nameOf(given["baseline"], `${where}.baseline`) }),
  };
}

/** `{"path":"labels.perClass","values":[1,2,5]}`; a value may be `{"value":1,"set":{"epochs":6}}`. */
function axisOf(value: unknown, where: string): Axis {
  const given = objectOf(value, where, ["label", "path", "values"]);
  const path = textOf(given["path"], `${where}.path`);
  const points = listOf(given["values"], `${where}.values`).map((entry, index): Point => {
    if (!isPlain(entry)) return { label: String(entry), set: { [path]: entry } };
    const point = objectOf(entry, `${where}.values[${index}]`, ["value", "label", "set"]);
    const label = point["label"] === undefined ? show(point["value"]) : textOf(point["label"], `${where}.values[${index}].label`);
    return { label, set: { [path]: point["value"], ...settingsOf(point["set"], `${where}.values[${index}].set`) } };
  });
  const label = given["label"] === undefined ? path : textOf(given["label"], `${where}.label`);
  distinct(
    points.map((point) => point.label),
    `${where}: the value`,
  );
  return { label, points };
}

function seedsOf(value: unknown, where: string): readonly number[] {
  const seeds = listOf(value, where).map((seed) =>
    typeof seed === "number" && Number.isInteger(seed) && seed >= 0
      ? seed
      : refuse(`${where} holds ${show(seed)}, expected whole numbers from 0`),
  );
  distinct(seeds.map(String), `${where}: the seed`);
  return seeds;
}

const partFields = ["id", "title", "text", "set", "variants", "axes", "seeds", "baseline", "curves"];

function partOf(value: unknown, where: string): Part {
  const given = objectOf(value, where, partFields);
  const variants = listOf(given["variants"], `${where}.variants`).map((entry, index) =>
    variantOf(entry, `${where}.variants[${index}]`),
  );
  const ids = variants.map(({ id }) => id);
  distinct(ids, `${where}: the variant`);
  const baseline = given["baseline"] === undefined ? undefined : nameOf(given["baseline"], `${where}.baseline`);
  for (const named of [baseline, ...variants.map((variant) => variant.baseline)]) {
    if (named !== undefined && !ids.includes(named))
      refuse(`${where}: the baseline "${named}" is none of its variants`, `It has ${ids.join(", ")}.`);
  }
  const axes = given["axes"] === undefined ? [] : listOf(given["axes"], `${where}.axes`);
  const curves = given["curves"] === undefined ? [] : listOf(given["curves"], `${where}.curves`);
  const id = nameOf(given["id"], `${where}.id`);
  return {
    id,
    title: given["title"] === undefined ? id : textOf(given["title"], `${where}.title`),
    text: paragraphs(given["text"], `${where}.text`),
    set: settingsOf(given["set"], `${where}.set`),
    variants,
    axes: axes.map((axis, index) => axisOf(axis, `${where}.axes[${index}]`)),
    seeds: seedsOf(given["seeds"], `${where}.seeds`),
    ...(baseline !== undefined && { baseline }),
    curves: curves.map((curve, index) => {
      const at = `${where}.curves[${index}]`;
      const { metric, label, at: columns } = objectOf(curve, at, ["metric", "label", "at"]);
      const name = textOf(metric, `${at}.metric`);
      return {
        metric: name,
        label: label === undefined ? name : textOf(label, `${at}.label`),
        ...(columns !== undefined && { at: listOf(columns, `${at}.at`).map(String) }),
      };
    }),
  };
}

function datasetOf([name, value]: [string, unknown]): SweepDataset {
  const where = `datasets.${name}`;
  const { folder, layout } = objectOf(typeof value === "string" ? { folder: value } : value, where, ["folder", "layout"]);
  return {
    name,
    folder: textOf(folder, `${where}.folder`),
    ...(layout !== undefined && { layout: textOf(layout, `${where}.layout`) }),
  };
}

/** @throws AppError `bad-spec`, naming the field, its value and what is allowed. */
export function parseSweep(raw: unknown): SweepFile {
  const given = objectOf(raw, "it", ["name", "title", "text", "datasets", "base", "parts"]);
  const name = nameOf(given["name"], "name");
  const parts = listOf(given["parts"], "parts").map((part, index) => partOf(part, `parts[${index}]`));
  distinct(
    parts.map(({ id }) => id),
    "The part",
  );
  return {
    name,
    title: given["title"] === undefined ? name : textOf(given["title"], "title"),
    text: paragraphs(given["text"], "text"),
    datasets: Object.entries(settingsOf(given["datasets"], "datasets")).map(datasetOf),
    base: objectOf(given["base"], "base"),
    parts,
  };
}
