import { dialog, type BrowserWindow, type FileFilter } from "electron";
import { toErrorData, type AppErrorData } from "#shared/api/errors.ts";

interface Wanted {
  readonly kind: "files" | "folder" | "save";
  readonly title: string;
  readonly name: string | undefined;
  readonly filters: FileFilter[];
}

const MAX_TEXT = 200;
const isText = (value: unknown): value is string => typeof value === "string" && value.length <= MAX_TEXT;

/** What the page asked for, checked; undefined when it makes no sense. */
export function parseWanted(options: unknown): Wanted | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  const { kind, title, name, extensions } = options as Readonly<Record<string, unknown>>;
  if ((kind !== "files" && kind !== "folder" && kind !== "save") || !isText(title)) return undefined;
  if (name !== undefined && (!isText(name) || /[/\\\0]/.test(name))) return undefined;
  if (extensions !== undefined && !Array.isArray(extensions)) return undefined;
  const list: readonly unknown[] = extensions ?? [];
  const plain = list.map((item) => (isText(item) ? item.replace(/^\./, "") : ""));
  if (!plain.every((item) => /^[\w.-]+$/.test(item))) return undefined;
  const all = { name: "All files", extensions: ["*"] };
  return { kind, title, name, filters: plain.length === 0 ? [] : [{ name: plain.join(", "), extensions: plain }, all] };
}

/** Answers are data: an error thrown across would lose its code and hint. */
export type Chosen =
  { readonly ok: true; readonly paths: readonly string[] } | { readonly ok: false; readonly error: AppErrorData };

/** Shows the native dialog the page asked for. Cancelled: no paths. */
export async function choose(window: BrowserWindow, options: unknown): Promise<Chosen> {
  const wanted = parseWanted(options);
  if (wanted === undefined)
    return { ok: false, error: { code: "bad-argument", message: "The page asked for a dialog in a way unknown here" } };
  const { kind, title, name, filters } = wanted;
  try {
    if (kind === "save") {
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        title,
        filters,
        ...(name === undefined ? {} : { defaultPath: name }),
      });
      return { ok: true, paths: canceled ? [] : [filePath] };
    }
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title,
      filters: kind === "folder" ? [] : filters,
      properties: kind === "folder" ? ["openDirectory", "createDirectory"] : ["openFile", "multiSelections"],
    });
    return { ok: true, paths: canceled ? [] : filePaths };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

/** Asks before work in progress is ended. True: end it. */
export async function confirmEnd(window: BrowserWindow | undefined, busy: string): Promise<boolean> {
  const options = {
    type: "question" as const,
    message: busy,
    detail: "What is done so far is kept. A run can be resumed later from its last checkpoint.",
    buttons: ["Stop and quit", "Go on"],
    defaultId: 1,
    cancelId: 1,
  };
  const { response } = await (window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
  return response === 0;
}
