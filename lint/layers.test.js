import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { layers, packages } from "./layers.js";
import { complaint } from "./rule-layers.js";

const root = resolve(import.meta.dirname, "..");
const at = (path) => join(root, path);

describe("the layer rule", () => {
  it.each([
    ["src-main/engine/runs.ts", "#main/workers/compute/train.ts", /may not import src-main\/workers\/compute/],
    ["src-main/engine/runs.ts", "@tensorflow/tfjs", /may only be imported in/],
    ["src-main/engine/runs.ts", "node:sqlite", /may only be imported in src-main\/engine\/library/],
    ["src-main/units/filters/roi/roi.ts", "#main/units/codecs/codec.ts", /may not import/],
    ["src-main/hosts/server/main.ts", "electron", /hosts\/electron/],
    ["src-main/hosts/server/main.ts", "../electron/window.ts", /may not import/],
    ["src-renderer/App.svelte", "node:fs", /cannot reach Node/],
    ["src-renderer/App.svelte", "#main/engine/engine.ts", /may not import/],
    ["src-shared/events/packet.ts", "node:fs", /imports no package/],
    ["src-shared/api/run.ts", "#main/lib/files.ts", /may not import/],
    ["src-main/units/drivers/virtual/virtual.ts", "../../filters/filter.ts", /instead of/],
    ["src-main/workers/stream/entry.ts", "#main/workers/compute/entry.ts", /may not import/],
  ])("%s may not import %s", (file, source, why) => {
    expect(complaint(source, at(file))).toMatch(why);
  });

  it.each([
    ["src-main/engine/runs.ts", "#shared/api/run.ts"],
    ["src-main/engine/library/db.ts", "node:sqlite"],
    ["src-main/hosts/electron/main.ts", "electron"],
    ["src-main/workers/stream/open.ts", "#main/units/codecs/index.ts"],
    ["src-renderer/client.ts", "#shared/channel/channel.ts"],
  ])("%s may import %s", (file, source) => {
    expect(complaint(source, at(file))).toBeUndefined();
  });

  it("names only folders that are there", () => {
    const folders = [...Object.keys(layers), ...Object.values(layers).flat(), ...Object.values(packages).flat()];
    const missing = [...new Set(folders)].filter((folder) => !statSync(at(folder), { throwIfNoEntry: false }));
    expect(missing).toEqual([]);
  });

  it("holds in every file", () => {
    const complaints = [];
    const walk = (folder) => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        // AssemblyScript has its own resolution and imports nothing but itself.
        if (entry.isDirectory()) {
          if (entry.name !== "assembly") walk(path);
        } else if (/\.(ts|svelte)$/.test(entry.name)) {
          const text = readFileSync(path, "utf8");
          for (const [, source] of text.matchAll(/^\s*(?:import|export)[^"';]*?from\s+["']([^"']+)["']/gm)) {
            const why = complaint(source, path);
            if (why) complaints.push(`${relative(root, path)}: ${why}`);
          }
        }
      }
    };
    for (const folder of ["src-shared", "src-main", "src-renderer"]) walk(at(folder));
    expect(complaints).toEqual([]);
  });
});
