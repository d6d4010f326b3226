import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { noteFailure, recentFailure } from "./attempts.ts";
import { electronPackage, executableName, fetchElectron, findElectron } from "./electron-binary.ts";
import { explain, launch, obstacle } from "./launch.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "saccade-start-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("findElectron", () => {
  const version = "45.4.1";
  function install(name = executableName(), unpacked = version): { home: string; version: string } {
    mkdirSync(join(folder, "dist"), { recursive: true });
    writeFileSync(join(folder, "path.txt"), name);
    writeFileSync(join(folder, "dist", "version"), unpacked);
    return { home: folder, version };
  }

  it("finds a binary that is completely there", () => {
    const found = install();
    expect(findElectron(found, {})).toBeUndefined();
    mkdirSync(join(folder, "dist", executableName(), ".."), { recursive: true });
    writeFileSync(join(folder, "dist", executableName()), "");
    expect(findElectron(found, {})).toBe(join(folder, "dist", executableName()));
  });

  it.each([
    ["of an older package", executableName(), "44.0.0"],
    ["of another system", "other.exe", version],
  ])("does not take one %s", (_what, name, unpacked) => {
    const found = install(name, unpacked);
    writeFileSync(join(folder, "dist", executableName()), "");
    expect(findElectron(found, {})).toBeUndefined();
  });

  it("takes the folder that the environment names, if it is one", () => {
    writeFileSync(join(folder, executableName()), "");
    expect(findElectron(undefined, { ELECTRON_OVERRIDE_DIST_PATH: folder })).toBe(join(folder, executableName()));
    expect(findElectron(undefined, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, "none") })).toBeUndefined();
    expect(findElectron(undefined, {})).toBe(findElectron());
  });
});

describe("fetchElectron", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });
  const progress = (): void => undefined;

  async function mirror(answer: Parameters<typeof createServer>[1]): Promise<void> {
    server = createServer(answer as never);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("ELECTRON_MIRROR", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    vi.stubEnv("electron_config_cache", join(folder, "cache"));
  }
  const installed = electronPackage();

  it.skipIf(installed === undefined)("fails at once when it is refused", async () => {
    await mirror((_request: unknown, response: { writeHead(code: number): { end(): void } }) => response.writeHead(403).end());
    const began = performance.now();
    expect(await fetchElectron(installed!, progress)).toMatch(/403/);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.skipIf(installed === undefined)("gives up on a server that says nothing", async () => {
    await mirror(() => undefined);
    expect(await fetchElectron(installed!, progress, { idleMs: 400 })).toBe("nothing received for 0.4 s");
  });

  it.skipIf(installed === undefined)("gives up on a download that stalls", async () => {
    await mirror(((
      _request: unknown,
      response: { writeHead(code: number, headers: object): void; write(text: string): void },
    ) => {
      response.writeHead(200, { "content-length": "1000000" });
      response.write("x".repeat(1000));
    }) as never);
    expect(await fetchElectron(installed!, progress, { idleMs: 400 })).toBe("nothing received for 0.4 s");
  });

  it.skipIf(installed === undefined)("ends when it is told to", async () => {
    await mirror(() => undefined);
    expect(await fetchElectron(installed!, progress, { signal: AbortSignal.timeout(300) })).toBeDefined();
  });
});

describe("attempts", () => {
  it("remembers a failure for a day, for one version", () => {
    const file = join(folder, "deep", "note.json");
    noteFailure(file, "1", "no network");
    expect(recentFailure(file, "1")).toBe("no network");
    expect(recentFailure(file, "2")).toBeUndefined();
    expect(recentFailure(file, "1", Date.now() + 25 * 3600 * 1000)).toBeUndefined();
    expect(recentFailure(file, "1", Date.now() - 60_000)).toBeUndefined();
    noteFailure(file, "1", undefined);
    expect(recentFailure(file, "1")).toBeUndefined();
    writeFileSync(file, "{");
    expect(recentFailure(file, "1")).toBeUndefined();
  });
});

describe("launch", () => {
  const script = (body: string): string => {
    const path = join(folder, "electron");
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it.skipIf(process.platform === "win32")("tells a window that ended from one that never was", async () => {
    const run = (body: string): ReturnType<typeof launch> => launch(script(body), [], process.env);
    expect(await run("exit 0")).toEqual({ kind: "ended", code: 0 });
    expect(await run("exit 3")).toEqual({ kind: "ended", code: 3 });
    expect(await run("kill -TRAP $$")).toMatchObject({ kind: "no-window", reason: "Electron ended at once (SIGTRAP)" });
    expect(
      await run("echo 'error while loading shared libraries: libnss3.so: cannot open shared object file' >&2; exit 127"),
    ).toEqual({
      kind: "no-window",
      reason: "Electron misses a system library: libnss3.so",
    });
    expect(await launch(join(folder, "none"), [], {})).toMatchObject({
      kind: "no-window",
      reason: expect.stringContaining("ENOENT") as string,
    });
  });

  it("believes a late end", () => {
    expect(explain(1, null, 60_000, "No usable sandbox!")).toBeUndefined();
    expect(explain(1, null, 500, "No usable sandbox!")).toMatch(/sandbox/);
    expect(explain(null, "SIGTRAP", 500, "The SUID sandbox helper binary was found")).toMatch(/AppArmor/);
    expect(explain(1, null, 500, "Missing X server or $DISPLAY")).toBe("there is no display");
  });

  it("knows before trying where there can be no window", () => {
    expect(obstacle({}, "linux", 1000)).toBe("there is no display");
    expect(obstacle({ DISPLAY: ":0" }, "linux", 0)).toMatch(/root/);
    expect(obstacle({ WAYLAND_DISPLAY: "wayland-0" }, "linux", 1000)).toBeUndefined();
    expect(obstacle({}, "darwin", 501)).toBeUndefined();
  });
});

describe("npm start", () => {
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [join(rootDir, "scripts", "start.ts"), ...args], {
      env: { ...process.env, SACCADE_HOME: folder, NODE_ENV: "production", DISPLAY: "", WAYLAND_DISPLAY: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });

  /** The address it prints. */
  function address(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = "";
      child.stdout?.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const url = /http:\S+/.exec(text)?.[0];
        if (url !== undefined) resolve(url);
      });
      let errors = "";
      child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      child.on("close", () => reject(new Error(errors)));
    });
  }

  it.skipIf(process.platform !== "linux")(
    "without a display: serves the page in the browser, says why in one line, and ends on Ctrl-C",
    async () => {
      const child = start("--no-open", "--workspace", join(folder, "workspace"));
      let errors = "";
      child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      const url = await address(child);
      const entered = await fetch(url, { redirect: "manual" });
      expect(entered.status).toBe(303);
      const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
      const page = await fetch(new URL("/", url), { headers: { cookie } });
      expect(await page.text()).toContain('<div id="app">');
      expect(errors.split("\n").filter((line) => line.includes("using the browser"))).toEqual([
        "saccade: using the browser: there is no display",
      ]);
      const port = new URL(url).port;
      const second = spawnSync(
        process.execPath,
        [
          join(rootDir, "bin", "saccade.js"),
          "serve",
          "--no-open",
          "--json",
          "--port",
          port,
          "--workspace",
          join(folder, "other"),
        ],
        {
          encoding: "utf8",
          env: { ...process.env, SACCADE_HOME: join(folder, "other") },
        },
      );
      expect(second.status).toBe(1);
      expect(JSON.parse(second.stdout.trim())).toMatchObject({ error: { code: "port-in-use" } });
      child.kill("SIGINT");
      expect(await ended).toBe(0);
    },
    180_000,
  );

  it.skipIf(process.platform !== "linux")("fails loudly when only the window will do", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(rootDir, "scripts", "start.ts"), "--electron"], {
      encoding: "utf8",
      env: { ...process.env, SACCADE_HOME: folder, DISPLAY: "", WAYLAND_DISPLAY: "" },
    });
    expect(status).toBe(1);
    expect(stderr).toContain("no window: there is no display");
  });
});
