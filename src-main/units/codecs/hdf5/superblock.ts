import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { latin1 } from "../signatures.ts";
import { damagedAt, newer, pieceOf, UNDEFINED } from "./bytes.ts";

/** First bytes of every HDF5 file. */
export const SIGNATURE = "\x89HDF\r\n\x1a\n";

/** Extensions under which HDF5 recordings come. */
export const extensions = [".h5", ".hdf5", ".hdf"];

/** Whether these are the first bytes of an HDF5 file. */
export const isHdf5 = (head: Uint8Array): boolean => latin1(head.subarray(0, 8)) === SIGNATURE;

/** Where HDF5 may begin behind a block of another program, such as the 512 bytes of text of MATLAB 7.3. */
const USER_BLOCKS = [512, 1024, 2048];

/** Bytes before the signature; `undefined` when it is not there. */
export const userBlockOf = (head: Uint8Array): number | undefined => [0, ...USER_BLOCKS].find((at) => isHdf5(head.subarray(at)));

/** A file without its first bytes. */
export const behindUserBlock = (file: ByteSource, bytes: number): ByteSource => ({
  name: file.name,
  size: file.size - bytes,
  read: (offset, length, into) => file.read(offset + bytes, length, into),
  close: () => file.close(),
});

/** Bytes of the largest superblock that is read (version 1 with its root entry). */
const SUPERBLOCK_BYTES = 100;

/** Address of the object header of the root group. @throws AppError `damaged` where the file is cut or was never closed. */
export async function rootOf(file: ByteSource): Promise<number> {
  const { name, size } = file;
  const head = await pieceOf(file, 0, Math.min(SUPERBLOCK_BYTES, size));
  head.expect(SIGNATURE);
  const version = head.u8();
  if (version > 3) throw newer(name, `superblock version ${version}`);
  let base: number;
  let end: number;
  let root: number;
  if (version <= 1) {
    head.skip(4);
    checkSizes(name, head.u8(), head.u8());
    head.skip(version === 1 ? 13 : 9);
    base = checkedBase(name, head.u64());
    head.skip(8);
    end = head.u64();
    head.skip(16); // driver information, offset of the root's name
    root = head.u64();
  } else {
    checkSizes(name, head.u8(), head.u8());
    const openForWriting = (head.u8() & 1) === 1;
    if (openForWriting) throw unclosed(name);
    base = checkedBase(name, head.u64());
    head.skip(8);
    end = head.u64();
    root = head.u64();
  }
  if (end === 0 || end === UNDEFINED) throw unclosed(name);
  end -= base;
  if (end > size) {
    throw new AppError("damaged", `${name} is cut off: it has ${size} of its ${end} bytes`, {
      hint: "Fetch it again; the lists of its contents lie at the end of such a file.",
    });
  }
  return root;
}

function checkSizes(name: string, addresses: number, lengths: number): void {
  if (addresses !== 8 || lengths !== 8) throw newer(name, `addresses of ${addresses} and lengths of ${lengths} bytes`);
}

function checkedBase(name: string, base: number): number {
  if (base !== 0 && !USER_BLOCKS.includes(base)) throw damagedAt(name, 24, `its addresses count from byte ${base}`);
  return base;
}

const unclosed = (name: string): AppError =>
  new AppError("damaged", `${name} was not closed by the program that wrote it`, {
    hint: "The writer may have crashed or may still be running; h5clear --status can mend it.",
  });
