import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec } from "../codec.ts";
import { arrayTable } from "../npy/array-table.ts";
import { readNpyHeader } from "../npy/header.ts";
import { layoutByName } from "../tables/names.ts";
import { tableRecording, type NumberTable } from "../tables/table.ts";
import { memberTable, type MemberColumn } from "./member-table.ts";
import { npzSink } from "./sink.ts";
import { memberSource, zipMembers, type MemberDamage, type ZipMember } from "./zip-members.ts";

const NPY = /\.npy$/i;
const bare = (name: string): string => (name.split("/").at(-1) ?? "").replace(NPY, "");

/** The table of an archive: its members t, x, y and p, or one member that holds a whole table. */
async function tableOf(file: ByteSource): Promise<NumberTable> {
  const members = (await zipMembers(file)).filter(({ name }) => NPY.test(name));
  const named = layoutByName(members.map(({ name }) => bare(name)));
  if (named !== undefined) {
    const { t, x, y, p } = named.layout;
    const columns: MemberColumn[] = [];
    for (const at of [t, x, y, p]) columns.push(await columnOf(file, members[at]!));
    return memberTable(file, columns);
  }
  const likeliest = members.find(({ name }) => /event/i.test(name)) ?? (members.length === 1 ? members[0] : undefined);
  if (likeliest !== undefined) return wholeTable(file, likeliest);
  const names = members.map(({ name }) => bare(name)).join(", ");
  const found = names === "" ? "no arrays" : `the arrays ${names.slice(0, 200)}`;
  throw new AppError("unsupported", `${file.name} is an archive with ${found}, which are no events`, {
    hint: "Expected arrays t, x, y and p, or one array with these as columns.",
  });
}

async function columnOf(file: ByteSource, member: ZipMember): Promise<MemberColumn> {
  const source = memberSource(file, member, () => undefined); // only its header: the passes judge the rest
  try {
    const { shape, fields, length, itemBytes } = await readNpyHeader(source);
    const [field] = fields;
    const rows = shape.reduce((product, size) => product * size, 1);
    if (field === undefined || fields.length !== 1 || shape.filter((size) => size !== 1).length > 1) {
      throw new AppError("unsupported", `${source.name} is no column of numbers`, {
        hint: "Expected arrays t, x, y and p with a number for each event.",
      });
    }
    return { name: bare(member.name), member, field, header: length, itemBytes, rows };
  } finally {
    await source.close();
  }
}

/** One member as a table; its readers have sources of their own, since compressed ones are read in one direction. */
async function wholeTable(file: ByteSource, member: ZipMember): Promise<NumberTable> {
  const found = new Map<number, MemberDamage>();
  const source = memberSource(file, member, (place) => found.set(place.offset, place));
  const header = await readNpyHeader(source);
  const table = arrayTable(source, header);
  await source.close();
  const share = member.stored / Math.max(1, member.size);
  return {
    ...table,
    sequential: member.deflated,
    reader: () => {
      const own = memberSource(file, member, (place) => found.set(place.offset, place));
      const reader = arrayTable(own, header).reader();
      return { read: reader.read.bind(reader), done: () => own.close() };
    },
    offsetOf: (row) => Math.min(file.size, member.start + Math.floor(share * table.offsetOf(row))),
    damage: () => [...found.values()],
    close: () => file.close(),
  };
}

/** Archives of NumPy arrays. */
export const npz = {
  id: "npz",
  label: "NumPy archive",
  summary: "Columns t, x, y and p as arrays of one archive, plain or compressed, as SpikingJelly and many labs save them.",
  params: {},
  extensions: [".npz"],
  probe: (head, name) => {
    if (!(head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4)) return false;
    // The first member's name follows its header; an archive of something else is not ours.
    const length = (head[26] ?? 0) | ((head[27] ?? 0) << 8);
    const first = Buffer.from(head.subarray(30, 30 + length)).toString("latin1");
    return NPY.test(first) || name.toLowerCase().endsWith(".npz");
  },
  open: async (file, answers = {}) => {
    const table = await tableOf(file);
    const facts = { name: file.name, label: basename(file.name), size: file.size, encoding: "npz", metadata: {} };
    return tableRecording(table, facts, answers);
  },
  create: (file) => npzSink(file),
} satisfies Codec;
