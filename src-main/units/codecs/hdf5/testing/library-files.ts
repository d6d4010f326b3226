import { readFileSync } from "node:fs";
import { join } from "node:path";
import h5wasm, { type File } from "h5wasm";
import { hdf5PluginsDir } from "#main/lib/paths.ts";

interface Files {
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
  readFile(path: string): Uint8Array;
  unlink(path: string): void;
}

type H5Module = Awaited<typeof h5wasm.ready>;

const PLUGINS = "/test-plugins";

/** The HDF5 library in this thread, with these filter plugins, for making files of other tools' kinds. */
async function library(plugins: readonly string[]): Promise<{ readonly module: H5Module; readonly files: Files }> {
  const module = await h5wasm.ready;
  const files = (module as unknown as { readonly FS: Files }).FS;
  if (!Array.from(module.get_plugin_search_paths()).includes(PLUGINS)) {
    files.mkdirTree(PLUGINS);
    module.insert_plugin_search_path(PLUGINS, 0);
  }
  for (const plugin of plugins) {
    const name = `libH5Z${plugin}.so`;
    files.writeFile(`${PLUGINS}/${name}`, readFileSync(join(hdf5PluginsDir, name)));
  }
  return { module, files };
}

/** The bytes of an HDF5 file that the library writes. */
export async function libraryFile(
  build: (file: File) => void,
  options: { readonly plugins?: readonly string[]; readonly libver?: "earliest" | "v108" | "latest" } = {},
): Promise<Uint8Array> {
  const { files } = await library(options.plugins ?? []);
  const path = "/made.h5";
  const file = new h5wasm.File(path, "w", { libver: [options.libver ?? "earliest", "latest"] });
  build(file);
  file.close();
  const bytes = files.readFile(path).slice();
  files.unlink(path);
  return bytes;
}
