import type { FoundFolder, OpenQuestion } from "#shared/api/engine-api.ts";
import { toAppError } from "#shared/api/errors.ts";
import { readableExtensions } from "./formats.ts";
import type { App } from "./app.svelte.ts";

/** What is being taken in. */
export type Import = { readonly text: string; readonly fraction: number | undefined };

/** Brings files into the library: dropped anywhere, chosen in a dialog, or handed over by the system. */
export class Importer {
  current = $state.raw<Import | undefined>();
  /** A drag with files is over the window. */
  hovering = $state(false);
  /** The in-app browser is open, where the host has no native dialog. */
  browsing = $state<"files" | "folder" | undefined>();
  /** Recordings that leave something open, to be asked about once. */
  questions = $state.raw<readonly OpenQuestion[]>([]);
  /** A folder that is laid out like a data set: what to do with it is asked. */
  folder = $state.raw<{ readonly path: string; readonly found: FoundFolder } | undefined>();
  readonly #app: App;
  #cancel: AbortController | undefined;

  constructor(app: App) {
    this.#app = app;
  }

  async choose(kind: "files" | "folder"): Promise<void> {
    const { choose } = this.#app.client;
    if (choose === undefined) {
      this.browsing = kind;
      return;
    }
    try {
      const extensions = readableExtensions(this.#app.catalog?.codecs ?? []);
      const title = kind === "files" ? "Import recordings" : "Import a folder";
      const paths = await choose({ kind, title, ...(kind === "files" && extensions.length > 0 ? { extensions } : {}) });
      await (kind === "folder" ? this.addFolder(paths[0]) : this.add(paths));
    } catch (error) {
      this.#app.fail(error);
    }
  }

  /** Files of the user's machine; under the server host they are copied to it first. */
  async take(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const controller = this.#begin();
    const paths: string[] = [];
    try {
      for (const [at, file] of files.entries()) {
        this.current = { text: `Reading ${file.name}`, fraction: at / files.length };
        paths.push(await this.#app.client.importFile(file, controller.signal));
      }
    } catch (error) {
      this.#end(error);
      return;
    }
    await this.#add(paths, controller);
  }

  /** A folder on the machine of the engine: asked about when it is laid out like a data set, else walked for recordings. */
  async addFolder(path: string | undefined): Promise<void> {
    if (path === undefined) return;
    const { signal } = this.#begin();
    this.current = { text: `Looking at ${path}`, fraction: undefined };
    try {
      const found = await this.#app.use().datasets.find(path, signal);
      this.#end();
      if (signal.aborted) return;
      if (found === undefined) await this.add([path]);
      else this.folder = { path, found };
    } catch (error) {
      this.#end(error);
    }
  }

  /** Paths on the machine of the engine: files, or folders that are walked. */
  async add(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await this.#add(paths, this.#begin());
  }

  #begin(): AbortController {
    this.#cancel?.abort();
    const controller = new AbortController();
    this.#cancel = controller;
    return controller;
  }

  async #add(paths: readonly string[], { signal }: AbortController): Promise<void> {
    try {
      this.current = { text: "Looking at the files", fraction: undefined };
      for await (const progress of this.#app.use().library.add(paths, signal)) {
        if (progress.kind === "progress") {
          this.current = {
            text: progress.text,
            fraction: progress.total === undefined ? undefined : progress.done / Math.max(1, progress.total),
          };
        } else {
          this.#app.toasts.show(progress.text);
          this.questions = progress.questions ?? [];
          const [id] = progress.ids ?? [];
          if (id !== undefined) this.#app.router.go("library", [id]);
        }
      }
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error?: unknown): void {
    this.current = undefined;
    this.#cancel = undefined;
    if (error !== undefined && toAppError(error).code !== "aborted") this.#app.fail(error);
  }

  cancel(): void {
    this.#cancel?.abort();
    this.current = undefined;
  }
}

/** The files of a drop, those of dropped folders included. */
export async function filesOf(items: readonly DataTransferItem[]): Promise<File[]> {
  const files: File[] = [];
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
    } else if (entry.isDirectory) {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      // A reader answers in portions until it answers with nothing.
      for (;;) {
        const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
        if (batch.length === 0) break;
        for (const child of batch) await walk(child);
      }
    }
  };
  // Entries must be taken before the first await: the list is emptied when the event ends.
  // What comes from another program than the file manager may be a file without an entry.
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  for (const { entry, file } of taken) {
    if (entry !== null) await walk(entry);
    else if (file !== null) files.push(file);
  }
  return files;
}
