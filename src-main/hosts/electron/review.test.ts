import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rootDir } from "#main/lib/paths.ts";

/*
 * Points of the review list that can be read off the sources.
 */

const sources = (pattern: string): [name: string, text: string][] =>
  globSync(pattern, { cwd: rootDir })
    .filter((path) => !/\.test\.ts$|\/(fakes|testing)\//.test(path))
    .map((path) => [path, readFileSync(join(rootDir, path), "utf8")]);
const electron = sources("src-main/hosts/electron/*.ts");
const all = sources("src-main/**/*.ts");

const codeOf = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g, "");

it("finds the sources it is about", () => {
  expect(electron.map(([path]) => path)).toContain("src-main/hosts/electron/main.ts");
  expect(all.length).toBeGreaterThan(electron.length);
});

it.each([
  [
    "switches of web security",
    /webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|bypassCSP|allowServiceWorkers/,
  ],
  [
    "the sandbox switched off",
    /no-sandbox|sandbox:\s*false|contextIsolation:\s*false|nodeIntegration\w*:\s*true|webviewTag:\s*true/,
  ],
  ["addresses opened outside", /openExternal|shell\b/],
  ["a comparison with the origin of our scheme", /\.origin\b/],
  ["a write to stdout, which is an error when the terminal is gone", /process\.stdout/],
  ["a child of Electron instead of Node", /child_process/],
  ["a path that a bundle does not have", /__dirname|__filename/],
])("has no %s", (_what, pattern) => {
  for (const [path, text] of electron) expect(codeOf(text), path).not.toMatch(pattern);
});

it("has no structured serialisation between the two runtimes, and none on disk", () => {
  for (const [path, text] of all) expect(text, path).not.toMatch(/serialization:\s*["']advanced|v8\.(de)?serialize/);
});

it("checks the sender of everything the page says", () => {
  const main = electron.find(([path]) => path.endsWith("/main.ts"))?.[1] ?? "";
  const handlers = [...main.matchAll(/ipcMain\.(?:on|handle)\("[\w:]+", [\s\S]*?\n {2}\}\);/g)].map(([text]) => text);
  expect(handlers).toHaveLength(3);
  for (const handler of handlers) expect(handler).toContain("senderOf(event)");
  for (const [path, text] of electron) if (!path.endsWith("/main.ts")) expect(text, path).not.toMatch(/ipcMain\.(on|handle)/);
});

it("gives the page four functions with fixed channels", () => {
  const preload = electron.find(([path]) => path.endsWith("/preload.ts"))?.[1] ?? "";
  const channels = [...preload.matchAll(/ipcRenderer\.\w+\(("[\w:]+"|[^")]+)/g)].map(([, channel]) => channel);
  expect(channels.length).toBeGreaterThan(3);
  for (const channel of channels) expect(channel).toMatch(/^"saccade:\w+"$/);
  expect(preload).not.toMatch(/exposeInMainWorld\([^)]*ipcRenderer\s*[,)]/);
});

it("imports electron nowhere else", () => {
  for (const [path, text] of all)
    if (!path.startsWith("src-main/hosts/electron/")) expect(text, path).not.toMatch(/from "electron"|import\("electron"\)/);
});
