import { contextBridge, ipcRenderer, webUtils } from "electron";
import type { IpcRendererEvent } from "electron";

/*
 * All the page gets of Electron: four functions with fixed channels. Becomes one CommonJS file, as the sandbox asks.
 */

ipcRenderer.on("saccade:port", (event: IpcRendererEvent, { id }: { id: string }) => {
  window.postMessage({ saccade: "port", id }, "*", event.ports); // to our own window only; contextBridge carries no ports
});

contextBridge.exposeInMainWorld("saccade", {
  connect: (id: unknown): void => ipcRenderer.send("saccade:connect", String(id)),
  choose: (options: unknown): Promise<unknown> => ipcRenderer.invoke("saccade:choose", options),
  pathOf: (file: File): string => webUtils.getPathForFile(file),
  /** Called once, when the page is up. */
  onOpen: (handler: (item: string) => void): void => {
    ipcRenderer.on("saccade:open", (_event: IpcRendererEvent, item: string) => handler(item));
    ipcRenderer.send("saccade:ready");
  },
});
