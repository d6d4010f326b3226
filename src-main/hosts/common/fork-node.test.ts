import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "#shared/channel/channel.ts";
import { rootDir } from "#main/lib/paths.ts";
import { cleanEnv, forkNode } from "./fork-node.ts";

let folder: string;
const script = async (name: string, body: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, body);
  return path;
};
const lib = (path: string): string => JSON.stringify(join(rootDir, path));
const prelude = `
  import { Socket } from "node:net";
  import { multiplex } from ${lib("src-main/lib/multiplex.ts")};
  import { fromStream } from ${lib("src-main/lib/pipe-port.ts")};
  import { serve } from ${lib("src-shared/channel/channel.ts")};
  const wire = new Socket({ fd: 3, readable: true, writable: true });
  const begin = (node) => multiplex(fromStream(wire), { kind: "hello", role: "stream", node, pid: process.pid });
  wire.on("close", () => process.exit(0));
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-fork-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("forkNode", () => {
  it("joins the engine and pages to a worker over one pipe, and says how it ended", async () => {
    const entry = await script(
      "good.ts",
      `${prelude}
      const lines = begin(process.version);
      serve(lines.main, { double: (list) => list.map((x) => 2 * x), who: () => process.pid, never: () => new Promise(() => undefined) });
      lines.accept((name, port) => serve(port, { name: () => name }));`,
    );
    const worker = await forkNode("stream", { entry });
    const api = connect<{ double(list: Float32Array): Promise<Float32Array>; who(): Promise<number>; never(): Promise<void> }>(
      worker.port,
    );
    expect(await api.double(new Float32Array([1, 2.5]))).toEqual(new Float32Array([2, 5]));
    expect(await api.who()).toBe(worker.pid);
    const page = connect<{ name(): Promise<string> }>(worker.openLine("page-1"));
    expect(await page.name()).toBe("page-1");
    const pending = api.never(); // an answer could overtake the signal
    worker.kill("SIGKILL");
    await expect(pending).rejects.toMatchObject({ code: "closed" });
    expect(await worker.exited).toBe("it was ended by SIGKILL");
  });

  it("reports a worker that dies at once, with its last words", async () => {
    const entry = await script("dies.ts", `console.error("no driver here"); process.exit(3);`);
    await expect(forkNode("stream", { entry })).rejects.toThrow(
      "The stream worker did not start: it ended with code 3 (no driver here)",
    );
  });

  it("gives up on a worker that says nothing", async () => {
    const entry = await script("mute.ts", `setInterval(() => undefined, 1000);`);
    await expect(forkNode("stream", { entry, timeoutMs: 500 })).rejects.toThrow(/no sign of life after 0.5 s/);
  });

  it("refuses a Node that is too old", async () => {
    const entry = await script("old.ts", `${prelude} begin("v20.1.0");`);
    await expect(forkNode("stream", { entry })).rejects.toMatchObject({ code: "unsupported" });
  });

  it("reports a missing binary instead of bringing the engine down", async () => {
    await expect(forkNode("compute", { node: join(folder, "no-node"), entry: "x.ts" })).rejects.toThrow(/could not be started/);
  });
});

describe("cleanEnv", () => {
  it("takes out what an AppImage put in and keeps what the user had", () => {
    const env = cleanEnv({
      APPDIR: "/tmp/.mount_x",
      APPIMAGE: "/a",
      NODE_OPTIONS: "--inspect",
      LD_LIBRARY_PATH: "/tmp/.mount_x/lib:/usr/local/cuda/lib64",
      XDG_DATA_DIRS: "/tmp/.mount_x/share",
    });
    expect(env["LD_LIBRARY_PATH"]).toBe("/usr/local/cuda/lib64");
    for (const gone of ["APPDIR", "APPIMAGE", "NODE_OPTIONS", "XDG_DATA_DIRS"]) expect(env).not.toHaveProperty(gone);
  });
});
