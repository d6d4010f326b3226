import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/*
 * Where things lie. From a checkout the sources run as they are (Node strips the types) or bundled from dist/;
 * in a package everything lies beside the bundles. One place knows the difference.
 */

function findRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return import.meta.dirname;
  }
}

/** The folder with package.json (inside a package: the archive). */
export const rootDir = findRoot();

/** True when this code runs as TypeScript from a checkout, false when bundled. */
export const fromSource = import.meta.filename.endsWith(".ts");

/** Files outside the archive, for whatever a real Node or a native add-on opens. */
const unpacked = (path: string): string => path.replace(/app\.asar(?=[\\/])/, "app.asar.unpacked");

/** The compiled kernels: built by `scripts/build.ts`, one module per purpose. */
export const kernelPath = (name: "events" | "tensor" | "tensor-relaxed"): string =>
  unpacked(join(rootDir, "dist", "kernels", `${name}.wasm`));

/** What a host has to run for a worker. */
export const workerEntry = (role: "stream" | "compute"): string =>
  fromSource
    ? join(rootDir, "src-main", "workers", role, "entry.ts")
    : role === "compute"
      ? unpacked(join(rootDir, "dist", "compute", "compute.mjs"))
      : join(rootDir, "dist", "main", "stream.mjs");

/** The thread that the HDF5 library runs in; outside the archive, where every runtime can start it. */
export const hdf5ThreadEntry = fromSource
  ? join(rootDir, "src-main", "units", "codecs", "hdf5", "library-thread.ts")
  : unpacked(join(rootDir, "dist", "compute", "hdf5-library.mjs"));

/** Filters of HDF5 files, as the package delivers them. */
export const hdf5PluginsDir = unpacked(join(rootDir, "node_modules", "h5wasm-plugins", "plugins"));

/** Shipped, read-only content. */
export const assetsDir = unpacked(join(rootDir, "assets"));

/** The built page. */
export const rendererDir = join(rootDir, "dist", "renderer");
