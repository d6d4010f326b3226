import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { kernelPath, rootDir } from "#main/lib/paths.ts";

/** One WebAssembly module: its sources, and the compiler's options beyond those that all share. */
interface KernelModule {
  readonly name: Parameters<typeof kernelPath>[0];
  /** Folder under `src-main/kernels/assembly`; the entry is `index.ts` in it. A module without sources is left out. */
  readonly folder: string;
  readonly options: readonly string[];
  /** The memory is somebody else's: the module must bring no data of its own, which would land on top of theirs. */
  readonly foreignMemory?: true;
}

/*
 * The tensor kernels import the memory of the wasm backend and work on its tensors. Both modules come from the same
 * sources; `ASC_FEATURE_RELAXED_SIMD` tells them apart at compile time.
 */
const tensor = ["--importMemory", "--noExportMemory", "--use", "abort=", "--enable", "simd", "--enable", "bulk-memory"];

/** All modules. */
const modules: readonly KernelModule[] = [
  { name: "events", folder: "events", options: ["--importMemory", "--initialMemory", "17", "--enable", "simd"] },
  { name: "tensor", folder: "tensor", options: tensor, foreignMemory: true },
  { name: "tensor-relaxed", folder: "tensor", options: [...tensor, "--enable", "relaxed-simd"], foreignMemory: true },
];

const shared = ["-O3", "--runtime", "stub", "--noAssert"];

/** Whether the module is missing or older than its sources, the layout they share with the twins, or this file. */
function isStale(output: string, folder: string): boolean {
  if (!existsSync(output)) return true;
  const built = statSync(output).mtimeMs;
  const sources = [
    ...globSync(join(folder, "**", "*.ts")),
    join(rootDir, "src-main", "kernels", "layout.ts"),
    import.meta.filename,
  ];
  return sources.some((source) => existsSync(source) && statSync(source).mtimeMs > built);
}

/** @throws Error when the module needs more than a memory, or writes into it merely by being loaded. */
function assertNoData(name: string, path: string): void {
  try {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), { env: { memory } });
    if (new Uint8Array(memory.buffer).some((byte) => byte !== 0)) throw new Error("it has static data");
  } catch (error) {
    rmSync(path, { force: true });
    throw new Error(`kernel "${name}" cannot work in the memory of another module: ${String(error)}`, { cause: error });
  }
}

/**
 * Compiles the kernels that are older than their sources.
 * @returns the names of those built anew.
 * @throws Error with the compiler's messages.
 */
export async function buildKernels(options: { readonly force?: boolean } = {}): Promise<readonly string[]> {
  const built: string[] = [];
  for (const { name, folder, options: extra, foreignMemory } of modules) {
    const sources = join(rootDir, "src-main", "kernels", "assembly", folder);
    const entry = join(sources, "index.ts");
    const output = kernelPath(name);
    if (!existsSync(entry) || (options.force !== true && !isStale(output, sources))) continue;
    const temporary = `${output}.${process.pid}.wasm`;
    mkdirSync(dirname(output), { recursive: true });
    // Loaded only when there is something to build: the compiler takes most of a second to start.
    const { createMemoryStream, main } = await import("assemblyscript/asc");
    const paths = [relative(rootDir, entry), "--outFile", relative(rootDir, temporary), "--baseDir", rootDir];
    const messages = createMemoryStream();
    const result = await main([...paths, ...shared, ...extra], { stderr: messages });
    if (result.error !== null) {
      rmSync(temporary, { force: true });
      throw new Error(`kernel "${name}" did not compile: ${result.error.message}\n${messages.toString()}`);
    }
    if (foreignMemory) assertNoData(name, temporary);
    renameSync(temporary, output); // a module is there as a whole or not at all, also for those who load it meanwhile
    built.push(name);
  }
  return built;
}

if (process.argv[1] === import.meta.filename) {
  const built = await buildKernels({ force: process.argv.includes("--force") });
  console.error(built.length > 0 ? `built kernels: ${built.join(", ")}` : "kernels are up to date");
}
