import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ModelManifest } from "#shared/api/run.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { pack, unpack, type Values } from "./tensor-file.ts";

const WEIGHTS_FILE = "weights.bin";
const MANIFEST_FILE = "model.json";
const REPORT_FILE = "report.json";

/** Writes a model folder so that it is there complete or not at all; an older one of that name is replaced. */
export async function writeModelFolder(
  folder: string,
  manifest: Omit<ModelManifest, "weights">,
  weights: Values,
  report: object | undefined,
): Promise<ModelManifest> {
  const { bytes, tensors } = pack(weights);
  const complete: ModelManifest = { ...manifest, weights: { file: WEIGHTS_FILE, tensors } };
  const building = `${folder}.part`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    await rm(building, { recursive: true, force: true });
    await mkdir(building);
    await writeAtomic(join(building, WEIGHTS_FILE), bytes);
    if (report !== undefined) await writeAtomic(join(building, REPORT_FILE), `${JSON.stringify(report, undefined, 2)}\n`);
    await writeAtomic(join(building, MANIFEST_FILE), `${JSON.stringify(complete, undefined, 2)}\n`);
    if (existsSync(folder)) {
      const old = `${folder}.old`;
      await rm(old, { recursive: true, force: true });
      await rename(folder, old);
      await rename(building, folder);
      await rm(old, { recursive: true, force: true });
    } else {
      await rename(building, folder);
    }
  } catch (error) {
    throw fileError(error, folder, "write the model");
  }
  return complete;
}

/** @throws AppError `not-found`, `damaged`, `version`. */
export async function readModelFolder(folder: string): Promise<{ readonly manifest: ModelManifest; readonly weights: Values }> {
  const path = join(folder, MANIFEST_FILE);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw fileError(error, path, "read");
  });
  let manifest: ModelManifest;
  try {
    manifest = JSON.parse(text) as ModelManifest;
  } catch (error) {
    throw new AppError("damaged", `${path} is not valid JSON`, { hint: "Copy the model again, or train anew.", cause: error });
  }
  if (Number(manifest.schema) !== 1) {
    throw new AppError("version", `${path} was written by a newer program (schema ${String(manifest.schema)})`, {
      hint: "Update this program.",
    });
  }
  if (!Array.isArray(manifest.weights?.tensors) || !Array.isArray(manifest.classes)) {
    throw new AppError("damaged", `${path} does not describe a model`, { hint: "Copy the model again, or train anew." });
  }
  const weightsPath = join(folder, manifest.weights.file);
  const bytes = await readFile(weightsPath).catch((error: unknown) => {
    throw fileError(error, weightsPath, "read");
  });
  return { manifest, weights: unpack(bytes, manifest.weights.tensors, weightsPath) };
}
