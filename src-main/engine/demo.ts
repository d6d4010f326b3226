import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DEMO_FILE, DEMO_VERSION, type DemoManifest, type DemoRecording } from "#shared/api/demo.ts";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";
import { assetsDir } from "#main/lib/paths.ts";
import type { Library, NewRecording } from "./library/library.ts";
import type { Datasets } from "./datasets/datasets.ts";
import { readWorkspaceFile, writeWorkspaceFile } from "./workspace/folder.ts";

/** Where the demo ships. */
export const demoAssets = join(assetsDir, "demo");

/** Whether this installation has a demo. */
export const hasDemo = (assets = demoAssets): boolean => existsSync(join(assets, DEMO_FILE));

async function readManifest(folder: string): Promise<DemoManifest> {
  const path = join(folder, DEMO_FILE);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw fileError(error, path, "read the demo");
  });
  const manifest = JSON.parse(text) as Omit<DemoManifest, "version"> & { readonly version: number };
  if (manifest.version !== DEMO_VERSION) {
    throw new AppError("version", `The demo has version ${manifest.version}, expected ${DEMO_VERSION}`, {
      hint: "Install Saccade again.",
    });
  }
  return { ...manifest, version: DEMO_VERSION };
}

function recordingOf(demo: DemoRecording, folder: string, classIds: ReadonlyMap<string, string>, codec: string): NewRecording {
  const { name, sensor, range, events, on, bytes, metadata } = demo;
  return {
    ...{ name, sensor, range, events, on, bytes, metadata, codec },
    path: join(folder, demo.path),
    generated: true,
    segments: demo.segments.map(({ start, end, class: className, subject, condition }) => {
      const classId = className === undefined ? undefined : classIds.get(className);
      return {
        ...{ start, end },
        ...(classId !== undefined && { classId }),
        ...(subject !== undefined && { subject }),
        ...(condition !== undefined && { condition }),
        state: classId === undefined ? "proposed" : "labelled",
      };
    }),
  };
}

/** Copies the demo unless it is there. A copy that was broken off has no workspace file and is made anew. */
export async function copyDemo(workspace: string, assets = demoAssets): Promise<void> {
  if (existsSync(workspace) && readWorkspaceFile(workspace).demo !== undefined) return;
  const { title } = await readManifest(assets);
  try {
    await mkdir(workspace, { recursive: true });
    for (const name of ["library.sqlite", "library.sqlite-wal", "library.sqlite-shm", "datasets"]) {
      await rm(join(workspace, name), { recursive: true, force: true });
    }
    await cp(assets, workspace, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, workspace, "copy the demo to");
  }
  await writeWorkspaceFile(workspace, { name: title, demo: DEMO_VERSION });
}

/** Nobody has done anything yet, not even something that was undone. */
const isUntouched = (library: Library): boolean => !library.state().canUndo && !library.state().canRedo;

/** Fills the library and the data sets of a fresh copy. What is there already stays as the user left it. */
export async function indexDemo(
  workspace: string,
  library: Library,
  datasets: Datasets,
  codecOf: (path: string) => Promise<string>,
): Promise<void> {
  const manifest = await readManifest(workspace);
  if (library.recordings({ limit: 1 }).total === 0 && library.classes().length === 0 && isUntouched(library)) {
    const known = new Map<string, string>();
    for (const { name, key, color } of manifest.classes) {
      const [id = ""] = library.edit({ kind: "add-class", name, key }).created;
      library.edit({ kind: "update-class", id, patch: { color } });
      known.set(name, id);
    }
    const [first] = manifest.recordings;
    const codec = first === undefined ? "" : await codecOf(join(workspace, first.path));
    const recordings = manifest.recordings.map((recording) => recordingOf(recording, workspace, known, codec));
    library.add(recordings, "Filled the demo");
    library.forgetPast();
  }
  const there = new Set((await datasets.list()).map(({ name }) => name));
  for (const { name, path, layout } of manifest.datasets) {
    if (!there.has(name)) await datasets.add(join(workspace, path), { name, layout, generated: true });
  }
}
