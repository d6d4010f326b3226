import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { rootDir } from "#main/lib/paths.ts";
import { resolvePackageFile } from "#main/tensor/tf.ts";

/** The two packages that bind TensorFlow's C library; a process can hold one. */
export type NativePackage = "@tensorflow/tfjs-node-gpu" | "@tensorflow/tfjs-node";

/** Names a folder in whose `node_modules` such a package lies. */
export const nativeFolderVariable = "SACCADE_TENSORFLOW";

/** Where `npm run native-tensorflow` puts what it builds. */
export const builtNativeDir = join(rootDir, ".cache", "native-tensorflow");

function resolveFrom(folder: string | undefined, name: string): string | undefined {
  try {
    // The manifest need not exist: it only says where the search begins.
    return folder === undefined ? resolvePackageFile(name) : createRequire(join(folder, "package.json")).resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Whether the compiled part is there; a package whose install script was not run has none. */
const isCompiled = (file: string): boolean => existsSync(join(dirname(file), "..", "lib"));

/**
 * The entry file of a package: from the folder that was named, else an installed one, else one built here. One without its
 * compiled part is answered only when there is no better, so that its own message says what is wrong.
 */
export function findNativePackage(name: NativePackage): string | undefined {
  const named = process.env[nativeFolderVariable];
  const folders = named === undefined || named === "" ? [undefined, builtNativeDir] : [named];
  const found = folders.map((folder) => resolveFrom(folder, name)).filter((file) => file !== undefined);
  return found.find(isCompiled) ?? found[0];
}

/**
 * Loads such a package on a Node and beside a TensorFlow.js that it does not expect. Needs nothing around it, because the
 * probe sends its source to a process of its own.
 * @param gpu false hides all GPUs from the library.
 */
export function loadNativePackage(require: NodeJS.Require, tfjsFile: string, packageFile: string, gpu: boolean): void {
  const util = require("node:util") as Record<string, unknown>;
  // Node 23 removed the first and warns of the second; both are called on nearly every operation.
  util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  util["isArray"] = Array.isArray;
  // The library reads these when it is loaded. Informative lines would drown the log of a run.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "1";
  // Otherwise the first process takes the whole memory of a GPU.
  process.env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true";
  if (!gpu) process.env["CUDA_VISIBLE_DEVICES"] = "-1";
  const { createRequire, registerHooks } = require("node:module") as typeof nodeModule;
  // A package from elsewhere would find a TensorFlow.js of its own, whose backends ours does not know, or none.
  const ours = createRequire(tfjsFile);
  const own = new Map(["@tensorflow/tfjs", "@tensorflow/tfjs-core"].map((name) => [name, ours.resolve(name)]));
  const hooks = registerHooks({ resolve: (specifier, context, next) => next(own.get(specifier) ?? specifier, context) });
  try {
    require(packageFile);
  } finally {
    hooks.deregister();
  }
}
