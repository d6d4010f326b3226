import { basename } from "node:path";
import type { Codec } from "../codec.ts";
import { tableRecording } from "../tables/table.ts";
import { arrayTable } from "./array-table.ts";
import { isNpy, readNpyHeader } from "./header.ts";
import { npySink } from "./sink.ts";

/** Arrays of NumPy: structured as tonic and expelliarmus save them, or a matrix with four columns. */
export const npy = {
  id: "npy",
  label: "NumPy array",
  summary: "Events as a structured array (t, x, y, p) or a matrix with a column for each, as NumPy saves them (NEP 1).",
  params: {},
  extensions: [".npy"],
  probe: isNpy,
  open: async (file, answers = {}) => {
    const header = await readNpyHeader(file);
    const facts = { name: file.name, label: basename(file.name), size: file.size, encoding: "npy", metadata: {} };
    return tableRecording(arrayTable(file, header), facts, answers);
  },
  create: (file) => npySink(file),
} satisfies Codec;
