import { expect, test } from "vitest";
import { formatLine, looksReadable, nameIn, readableExtensions } from "./formats.ts";

const codec = (id: string, extensions: readonly string[]) => ({
  ...{ id, label: id, summary: "", params: {} },
  ...{ extensions, writes: true, holds: [] },
});
const codecs = [codec("a", [".raw"]), codec("b", [".hdf5", ".h5"]), codec("c", [".raw", ".BIN"])];

test("endings are listed once and compared without regard to case", () => {
  expect(readableExtensions(codecs)).toEqual(["raw", "hdf5", "h5", "bin"]);
  expect(formatLine(codecs)).toBe("RAW HDF5 H5 BIN");
  expect(formatLine(undefined)).toBe("");
  expect(["x.RAW", "x.bin", "raw", "x.png", "x.raw.txt"].map((name) => looksReadable(name, codecs))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("a name gets the ending of its new format", () => {
  expect(nameIn("a.b.raw", codecs[1])).toBe("a.b.hdf5");
  expect(nameIn("take", codecs[0])).toBe("take.raw");
  expect(nameIn("take.raw", undefined)).toBe("take.raw");
});
