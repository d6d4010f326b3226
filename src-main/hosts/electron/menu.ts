import { app, Menu, type MenuItemConstructorOptions } from "electron";

/** The menu. On macOS it must have the roles of app, edit and window, or copying, pasting and quitting stop working. */
export function setMenu(openFiles: () => void): void {
  const mac = process.platform === "darwin";
  const view: MenuItemConstructorOptions[] = [
    { role: "resetZoom" },
    { role: "zoomIn" },
    { role: "zoomOut" },
    { type: "separator" },
    { role: "togglefullscreen" },
  ];
  if (!app.isPackaged) view.push({ type: "separator" }, { role: "reload" }, { role: "toggleDevTools" });
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: "appMenu" } as const] : []),
    {
      label: "File",
      submenu: [
        { label: "Open recordings …", accelerator: "CmdOrCtrl+O", click: openFiles },
        { type: "separator" },
        mac ? { role: "close" } : { role: "quit" },
      ],
    },
    { role: "editMenu" },
    { label: "View", submenu: view },
    { role: "windowMenu" },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
