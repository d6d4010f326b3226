import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rootDir } from "#main/lib/paths.ts";

/*
 * What electron-builder will be told, checked without Electron's binary: its own schema, every path, and the macros of
 * the install scripts, which it refuses only at the very end.
 */

interface Config {
  readonly electronVersion: string;
  readonly appId: string;
  readonly asarUnpack: readonly string[];
  readonly files: readonly string[];
  readonly extraResources: readonly { readonly from: string }[];
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly deb: { readonly afterInstall: string; readonly afterRemove: string; readonly fpm: readonly string[] };
  readonly mac: { readonly icon: string; readonly entitlements: string };
  readonly win: { readonly icon: string };
  readonly linux: { readonly icon: string; readonly executableName: string };
}

const require = createRequire(import.meta.url);
const builder = createRequire(require.resolve("app-builder-lib/package.json"));
const { load } = builder("js-yaml") as { readonly load: (text: string) => unknown };
const read = (path: string): string => readFileSync(join(rootDir, path), "utf8");
const config = load(read("electron-builder.yml")) as Config;
const manifest = JSON.parse(read("package.json")) as Record<string, unknown> & {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe("electron-builder.yml", () => {
  it("is accepted by electron-builder", async () => {
    const { validateConfiguration } = require("app-builder-lib/out/util/config/config.js") as {
      readonly validateConfiguration: (config: unknown, logger: { isEnabled: boolean; add(): void }) => Promise<void>;
    };
    const logger = { isEnabled: false, add: () => undefined };
    await validateConfiguration(structuredClone(config), logger);
    await expect(validateConfiguration({ ...config, electronFusess: {} }, logger)).rejects.toThrow(/electronFusess/);
  });

  it("names only files that exist, and the installed Electron", () => {
    for (const { from } of config.extraResources) expect(existsSync(join(rootDir, from)), from).toBe(true);
    for (const path of [
      config.deb.afterInstall,
      config.deb.afterRemove,
      config.mac.entitlements,
      config.mac.icon,
      config.win.icon,
      config.linux.icon,
    ])
      expect(existsSync(join(rootDir, path)), path).toBe(true);
    for (const mapping of config.deb.fpm) expect(existsSync(join(rootDir, mapping.split("=")[0] ?? ""))).toBe(true);
    expect(config.electronVersion).toBe(manifest.devDependencies["electron"]);
  });

  it("leaves outside the archive what a real Node opens", () => {
    expect(config.asarUnpack).toEqual(
      expect.arrayContaining(["dist/compute/**", "dist/kernels/**", "node_modules/**", "package.json", "assets/**"]),
    );
    expect(config.files).toContain("assets/**");
  });

  it("closes every way to make the app another program", () => {
    expect(config.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });
});

describe("package.json", () => {
  it("says what the packages ask for", () => {
    expect(manifest["main"]).toBe("dist/main/electron.mjs");
    expect(manifest["desktopName"]).toBe(`${config.appId}.desktop`);
    expect(manifest["author"]).toMatch(/<.+@.+>/);
    expect(manifest["homepage"]).toMatch(/^https:/);
    expect(manifest["description"]).toBeTruthy();
    expect(manifest.dependencies["electron"]).toBeUndefined();
  });

  it("has exact versions", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe("install scripts", () => {
  it.each(["after-install", "after-remove"])("%s begins with electron-builder's own and uses no foreign macro", (name) => {
    const text = read(`packaging/linux/${name}.sh`);
    const template = require.resolve("app-builder-lib/package.json").replace("package.json", `templates/linux/${name}.tpl`);
    expect(text.startsWith(readFileSync(template, "utf8"))).toBe(true);
    const macros = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, macro]) => macro));
    expect(
      [...macros].filter((macro) => !["executable", "sanitizedProductName", "productFilename"].includes(macro ?? "")),
    ).toEqual([]);
  });

  it("give cameras to whoever sits at the machine", () => {
    const rules = read("packaging/linux/70-saccade.rules")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules)
      expect(rule).toMatch(
        /^SUBSYSTEM=="usb", ATTR\{idVendor\}=="[0-9a-f]{4}", ATTR\{idProduct\}=="[0-9a-f]{4}", MODE="0660", TAG\+="uaccess"$/,
      );
  });
});
