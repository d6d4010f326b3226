import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { openLibrary } from "./library.ts";
import { lockWorkspace } from "./lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-crash-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process that runs a script with the engine's modules, and what it prints. */
async function start(body: string) {
  const script = join(folder, `script-${Math.random()}.ts`);
  const from = (name: string): string => JSON.stringify(join(rootDir, "src-main", "engine", "library", name));
  await writeFile(
    script,
    `import { openLibrary } from ${from("library.ts")};
     import { lockWorkspace } from ${from("lock.ts")};
     const folder = ${JSON.stringify(folder)};
     ${body}`,
  );
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const said = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(printed)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    said,
    kill: async (): Promise<string> => {
      child.kill("SIGKILL");
      await exited;
      return printed;
    },
  };
}

describe("kill -9", () => {
  it("in the middle of edits costs none that was confirmed, and leaves a library that can be undone to the beginning", async () => {
    for (let round = 0; round < 3; round += 1) {
      const worker = await start(`
        const library = openLibrary(folder, { readOnly: false, onChange: () => undefined });
        for (let n = 0; ; n += 1) {
          const { created } = library.edit({ kind: "many", label: "two", edits: [
            { kind: "add-class", name: "left ${round} " + n }, { kind: "add-class", name: "right ${round} " + n },
          ] });
          process.stdout.write(created.join(" ") + "\\n");
        }`);
      await worker.said(new RegExp(`(.*\\n){${20 + 7 * round}}`));
      const confirmed = (await worker.kill()).split("\n").slice(0, -1);
      const library = openLibrary(folder, { readOnly: false, onChange: () => undefined });
      expect(library.notices).toEqual([]);
      const ids = new Set(library.classes().map(({ id }) => id));
      expect(confirmed.length).toBeGreaterThan(19);
      for (const id of confirmed.flatMap((line) => line.split(" "))) expect(ids.has(id)).toBe(true);
      expect(ids.size % 2).toBe(0); // never half an edit
      library.close();
    }
    const library = openLibrary(folder, { readOnly: false, onChange: () => undefined });
    while (library.state().canUndo) library.undo();
    expect(library.classes()).toEqual([]);
    library.close();
  });

  it("does not leave the workspace locked, and the next one knows of it", async () => {
    const owner = await start(`lockWorkspace(folder); console.log("locked"); setInterval(() => undefined, 1000);`);
    await owner.said(/locked/);
    expect(() => lockWorkspace(folder)).toThrow(/is open in another window or command/);
    await owner.kill();
    const lock = lockWorkspace(folder);
    expect(lock.unclean).toBe(true);
    expect(() => lockWorkspace(folder)).toThrow(expect.objectContaining({ code: "workspace-locked" }) as Error); // twice in one process
    lock.release();
    const again = lockWorkspace(folder);
    expect(again.unclean).toBe(false);
    again.release();
  });
});
