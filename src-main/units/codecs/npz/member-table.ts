import type { ByteSource } from "#main/lib/files.ts";
import type { Field } from "../npy/header.ts";
import type { Slab } from "../tables/numbers.ts";
import type { NumberTable } from "../tables/table.ts";
import { memberSource, type MemberDamage, type ZipMember } from "./zip-members.ts";

/** A member that is one column of numbers. */
export interface MemberColumn {
  readonly name: string;
  readonly member: ZipMember;
  readonly field: Field;
  /** Bytes of its header. */
  readonly header: number;
  readonly itemBytes: number;
  readonly rows: number;
}

/** Members of an archive as the columns of one table. */
export function memberTable(file: ByteSource, columns: readonly MemberColumn[]): NumberTable {
  const rows = Math.min(...columns.map((column) => column.rows));
  const most = Math.max(...columns.map((column) => column.rows));
  const [first] = columns;
  const found = new Map<number, MemberDamage>();
  return {
    rows,
    names: columns.map(({ name }) => name),
    sequential: columns.some(({ member }) => member.deflated),
    reader: () => {
      const sources = columns.map(({ member }) => memberSource(file, member, (place) => found.set(place.offset, place)));
      const buffers = columns.map(() => new Uint8Array(0));
      return {
        read: async (row, count, wanted) => {
          let least = count;
          const slabs: Slab[] = [];
          for (const at of wanted) {
            const { field, header, itemBytes } = columns[at]!;
            if (buffers[at]!.length < count * itemBytes) buffers[at] = new Uint8Array(count * itemBytes);
            const bytes = await sources[at]!.read(header + row * itemBytes, count * itemBytes, buffers[at]);
            least = Math.min(least, Math.floor(bytes.length / itemBytes));
            slabs.push({ ...field, bytes, stride: itemBytes });
          }
          return { rows: least, slabs };
        },
        done: async () => {
          for (const source of sources) await source.close();
        },
      };
    },
    offsetOf: (row) => {
      if (first === undefined) return 0;
      const { member, header, itemBytes } = first;
      const share = member.stored / Math.max(1, member.size);
      return Math.min(file.size, member.start + Math.floor(share * (header + row * itemBytes)));
    },
    damage: () => {
      const reason = `the columns have between ${rows} and ${most} rows: the shortest counts`;
      return most === rows ? [...found.values()] : [...found.values(), { offset: 0, bytes: 0, reason }];
    },
    close: () => file.close(),
  };
}
