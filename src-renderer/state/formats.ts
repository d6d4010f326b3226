import type { Catalog } from "#shared/units/unit.ts";

type Codecs = Catalog["codecs"];

/** Endings of the files that can be read, without dots and twins. */
export const readableExtensions = (codecs: Codecs): readonly string[] => [
  ...new Set(codecs.flatMap(({ extensions }) => extensions.map((extension) => extension.replace(/^\./, "").toLowerCase()))),
];

/** The endings in one line for a drop field: `RAW DAT HDF5 …`. */
export const formatLine = (codecs: Codecs | undefined): string =>
  codecs === undefined ? "" : readableExtensions(codecs).join(" ").toUpperCase();

/** Whether a file's name ends like a recording. */
export function looksReadable(name: string, codecs: Codecs): boolean {
  const dot = name.lastIndexOf(".");
  return dot >= 0 && readableExtensions(codecs).includes(name.slice(dot + 1).toLowerCase());
}

/** A name for a file in another format: `run.aedat4` → `run.raw`. */
export function nameIn(name: string, codec: Codecs[number] | undefined): string {
  const extension = codec?.extensions[0];
  if (extension === undefined) return name;
  const dot = name.lastIndexOf(".");
  return `${dot > 0 ? name.slice(0, dot) : name}.${extension.replace(/^\./, "")}`;
}
