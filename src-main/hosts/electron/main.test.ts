import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AboutInfo, EngineApi, SystemStatus } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { connect, serve } from "#shared/channel/channel.ts";
import { fromMessagePort } from "#shared/channel/message-port.ts";
import type { Host, WorkerHandle } from "#main/hosts/host.ts";
import { workerEntry } from "#main/lib/paths.ts";

type Fake = typeof import("./fakes/electron.ts");
type Processes = typeof import("./fakes/utility-process.ts");
type Ports = typeof import("./fakes/ports.ts");

let folder: string;
let fake: Fake;
let processes: Processes;
let ports: Ports;
let status: SystemStatus;
let closed: number;
let opened: Host | undefined;
let failure: Error | undefined;
let workspace: string | undefined;
const argv = process.argv;

const about: AboutInfo = { version: "1", host: "electron", node: "v24", platform: "linux", cpu: "test" };
const api = {
  about: () => Promise.resolve(about),
  status: (): AsyncIterable<SystemStatus> => ({ [Symbol.asyncIterator]: () => once(status) }),
} as unknown as EngineApi;

function once<T>(value: T): AsyncIterator<T> {
  let told = false;
  return {
    next: () => {
      const done = told;
      told = true;
      return Promise.resolve(done ? { done: true, value: undefined } : { done: false, value });
    },
  };
}

vi.mock("#main/hosts/common/open-engine.ts", () => ({
  openEngine: (host: Host, folder: string | undefined) => {
    opened = host;
    workspace = folder;
    return failure === undefined ? Promise.resolve({ api, close }) : Promise.reject(failure);
  },
}));
const close = (): Promise<void> => {
  closed += 1;
  return Promise.resolve();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-electron-"));
  vi.stubEnv("SACCADE_HOME", folder);
  vi.resetModules();
  fake = await import("./fakes/electron.ts");
  processes = await import("./fakes/utility-process.ts");
  ports = await import("./fakes/ports.ts");
  fake.reset(folder);
  ports.allPorts.clear();
  processes.entries.clear();
  processes.processes.length = 0;
  status = { memoryBytes: 0, freeDiskBytes: 0 };
  closed = 0;
  opened = undefined;
  failure = undefined;
  process.argv = ["electron", "app"];
  Reflect.set(process, "defaultApp", true);
});

afterEach(async () => {
  process.argv = argv;
  process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
  for (const port of ports.allPorts)
    expect(port.started || port.neutered || port.closed, "a port that nobody started").toBe(true);
  for (const child of processes.processes) child.kill();
  await settle();
  expect(fake.app.listenerCount("child-process-gone"), "listeners of workers that have ended").toBe(0);
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 20));

async function boot(): Promise<InstanceType<Fake["BrowserWindow"]>> {
  await import("./main.ts");
  fake.app.becomeReady();
  return vi.waitFor(async () => {
    const { windowList } = await import("./fakes/app.ts");
    const [window] = windowList as unknown as InstanceType<Fake["BrowserWindow"]>[];
    expect(window?.shown).toBe(true);
    return window!;
  });
}
const calls = async (): Promise<string[]> => (await import("./fakes/app.ts")).calls;

it("opens the workspace of the switch, else the one the engine chooses", async () => {
  await boot();
  expect(workspace).toBeUndefined();
  vi.resetModules();
  fake = await import("./fakes/electron.ts");
  fake.reset(folder);
  fake.app.switches.set("workspace", "/data/Lab");
  await boot();
  expect(workspace).toBe("/data/Lab");
});

describe("before ready", () => {
  it("registers the scheme, the sandbox and the folder before the lock, and touches nothing that needs ready", async () => {
    await import("./main.ts");
    expect(await calls()).toEqual(["schemes", "enableSandbox", "setPath userData", "lock"]);
    const [scheme] = fake.privileged;
    expect(scheme).toEqual({
      scheme: "saccade-app",
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    });
  });

  it("leaves the folder to the switch", async () => {
    fake.app.switches.set("user-data-dir", folder);
    await import("./main.ts");
    expect(await calls()).not.toContain("setPath userData");
    fake.app.becomeReady();
    await vi.waitFor(() => expect(opened?.paths.data).toBe(join(folder, "userData", "saccade", "data")));
  });

  it("quits without the lock and does nothing else", async () => {
    fake.app.hasLock = false;
    await import("./main.ts");
    fake.app.becomeReady();
    await settle();
    expect((await calls()).slice(-2)).toEqual(["lock", "quit"]);
    expect(opened).toBeUndefined();
  });
});

describe("the window", () => {
  it("has no Node in it, and a preload that exists as an absolute path", async () => {
    const window = await boot();
    expect(window.loaded).toBe("saccade-app://ui/");
    const { preload, ...preferences } = window.options.webPreferences;
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    });
    expect(preload).toMatch(/^\/.*\/dist\/preload\/preload\.cjs$/);
  });

  it("is shown although the page could not be loaded", async () => {
    fake.nextLoad.error = new Error("ERR_ABORTED");
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect((await boot()).shown).toBe(true);
  });

  it("loads the development server only outside a package", async () => {
    vi.stubEnv("SACCADE_DEV_URL", "http://localhost:5173/");
    expect((await boot()).loaded).toBe("http://localhost:5173/");
  });

  it("ignores the development server in a package", async () => {
    vi.stubEnv("SACCADE_DEV_URL", "http://evil.example/");
    fake.app.isPackaged = true;
    expect((await boot()).loaded).toBe("saccade-app://ui/");
  });

  it("tells why it cannot open, and ends", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    failure = new AppError("workspace-locked", "The workspace is open elsewhere", { hint: "Close the other window." });
    await import("./main.ts");
    fake.app.becomeReady();
    await vi.waitFor(() => expect(fake.app.exitCode).toBe(1));
    expect(fake.scripted.errors).toEqual(["The workspace is open elsewhere\n\nClose the other window."]);
  });
});

describe("permissions and navigation", () => {
  const page = "saccade-app://ui/";

  it("allows copying and full screen to our page, and nothing else", async () => {
    await boot();
    const { defaultSession } = fake.session;
    const request = (permission: string, requestingUrl: string, isMainFrame = true): boolean => {
      let answer = false;
      defaultSession.request?.({}, permission, (ok) => (answer = ok), { requestingUrl, isMainFrame });
      return answer;
    };
    expect(request("clipboard-sanitized-write", page)).toBe(true);
    expect(request("fullscreen", page)).toBe(true);
    expect(request("fullscreen", page, false)).toBe(false);
    expect(request("fullscreen", "https://evil.example/")).toBe(false);
    for (const permission of ["media", "usb", "hid", "serial", "notifications", "geolocation", "openExternal"])
      expect(request(permission, page)).toBe(false);
    expect(defaultSession.check?.({}, "fullscreen", page)).toBe(true);
    expect(defaultSession.check?.({}, "media", page)).toBe(false);
    expect(defaultSession.device?.()).toBe(false);
  });

  it.each([
    ["saccade-app://ui/#/library", true, false],
    ["saccade-app://ui/", false, true],
    ["saccade-app://other/", true, true],
    ["https://evil.example/", true, true],
    ["file:///etc/passwd", true, true],
    ["saccade://ui/", true, true],
    ["devtools://devtools/bundled/x.html", true, false],
  ])("navigation to %s (main frame %s) is prevented: %s", async (url, isMainFrame, expected) => {
    const { webContents } = await boot();
    const preventDefault = vi.fn();
    webContents.emit("will-frame-navigate", { url, isMainFrame, preventDefault });
    expect(preventDefault.mock.calls.length > 0).toBe(expected);
  });

  it("opens no windows, attaches no webviews, downloads only what the page made", async () => {
    const { webContents } = await boot();
    expect(webContents.windowOpen?.()).toEqual({ action: "deny" });
    const prevented = (emit: (preventDefault: () => void) => void): boolean => {
      const preventDefault = vi.fn();
      emit(preventDefault);
      return preventDefault.mock.calls.length > 0;
    };
    expect(prevented((preventDefault) => webContents.emit("will-attach-webview", { preventDefault }))).toBe(true);
    const download = (url: string): boolean =>
      prevented((preventDefault) => fake.session.defaultSession.emit("will-download", { preventDefault }, { getURL: () => url }));
    expect(download("blob:saccade-app://ui/1234")).toBe(false);
    expect(download("blob:https://evil.example/1")).toBe(true);
    expect(download("https://evil.example/x.exe")).toBe(true);
  });

  it("serves the page's files with a policy and nothing outside", async () => {
    await boot();
    const status = async (url: string, init?: RequestInit): Promise<number> => (await fake.fetchPage(url, init)).status;
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    for (const path of [
      "../package.json",
      "..%2f..%2fpackage.json",
      "%2e%2e/package.json",
      "..%5cpackage.json",
      "%00",
      "none.js",
      "x.exe",
    ])
      expect(await status(`saccade-app://ui/${path}`)).toBe(404);
    expect(await status("saccade-app://other/index.html")).toBe(404);
    expect(await status("saccade-app://ui/", { method: "POST" })).toBe(405);
  });
});

describe("lines of the page", () => {
  it("hands the engine to the frame that asks, and to nobody else", async () => {
    const window = await boot();
    const { mainFrame } = window.webContents;
    fake.sendFrom(null, "saccade:connect", "engine");
    fake.sendFrom(new fake.WebFrameMain("saccade-app://ui/"), "saccade:connect", "engine");
    fake.sendFrom(mainFrame, "saccade:connect", { evil: true });
    expect(mainFrame.received).toEqual([]);
    fake.sendFrom(mainFrame, "saccade:connect", "engine");
    const [{ message, ports: given } = { message: undefined, ports: [] }] = mainFrame.received;
    expect(message).toEqual({ id: "engine" });
    const engine = connect<EngineApi>(fromMessagePort(given[0]!));
    expect(await engine.about()).toEqual(about);
    given[0]!.close();
  });

  it("refuses pages of another origin", async () => {
    const window = await boot();
    window.webContents.mainFrame = new fake.WebFrameMain("https://evil.example/");
    fake.sendFrom(window.webContents.mainFrame, "saccade:connect", "engine");
    expect(window.webContents.mainFrame.received).toEqual([]);
    fake.scripted.open = { canceled: false, filePaths: ["/secret"] };
    expect(await fake.invokeFrom(window.webContents.mainFrame, "saccade:choose", { kind: "files", title: "x" })).toEqual({
      ok: true,
      paths: [],
    });
    expect(fake.scripted.asked).toEqual([]);
  });

  it("gives every connection a line of its own to the stream worker, until it is concealed", async () => {
    const window = await boot();
    const names: string[] = [];
    processes.entries.set(workerEntry("stream"), (parent) => {
      parent.on(
        "message",
        ({ data, ports: [port] }: { data: { kind: string; id: string }; ports: InstanceType<Ports["MessagePortMain"]>[] }) => {
          if (port === undefined) return;
          names.push(data.id);
          serve(fromMessagePort(port), { sum: (list: Uint8Array) => Promise.resolve(list.reduce((a, b) => a + b, 0)) });
        },
      );
      parent.postMessage({ kind: "hello", role: "stream", node: process.version, pid: 1 });
    });
    const worker = await opened!.fork("stream");
    const endpoint = opened!.expose(worker, "stream-1");
    const { mainFrame } = window.webContents;
    fake.sendFrom(mainFrame, "saccade:connect", endpoint);
    fake.sendFrom(mainFrame, "saccade:connect", endpoint);
    const [first, second] = mainFrame.received.map(({ ports: [port] }) =>
      connect<{ sum(list: Uint8Array): Promise<number> }>(fromMessagePort(port!)),
    );
    const pool = new Uint8Array(1024).fill(1);
    expect(await first!.sum(pool.subarray(0, 10))).toBe(10);
    expect(await second!.sum(pool)).toBe(1024);
    expect(names[0]).toBe("main");
    expect(new Set(names).size).toBe(3);
    opened!.conceal(endpoint);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    fake.sendFrom(mainFrame, "saccade:connect", endpoint);
    expect(mainFrame.received.length).toBe(2);
    processes.processes[0]!.crash(139, "crashed", true);
    expect(await worker.exited).toMatch(/139/);
  });
});

describe("stream workers", () => {
  const hello = (parent: InstanceType<Processes["FakeParent"]>): void => {
    parent.on(
      "message",
      ({ data, ports: [port] }: { data: { kind: string }; ports: InstanceType<Ports["MessagePortMain"]>[] }) => {
        if (data.kind === "stop") stopped();
        else port?.start();
      },
    );
    parent.postMessage({ kind: "hello" });
  };
  let stopped = (): void => undefined;

  async function fork(): Promise<WorkerHandle> {
    fake.app.becomeReady();
    const { forkStream } = await import("./fork.ts");
    return forkStream();
  }

  it("reports a missing entry", async () => {
    await expect(fork()).rejects.toThrow("The stream worker 1 did not start: it ended with code 1");
  });

  it("reports a launch that never becomes a process", async () => {
    processes.entries.set(workerEntry("stream"), () => undefined);
    const starting = fork();
    await vi.waitFor(() => expect(processes.processes.length).toBe(1));
    processes.processes[0]!.failLaunch();
    await expect(starting).rejects.toThrow(/could not be started/);
  });

  it.each([true, false])("explains a crash whichever event comes first (exit first: %s)", async (exitFirst) => {
    processes.entries.set(workerEntry("stream"), hello);
    const worker = await fork();
    processes.processes[0]!.crash(5, "oom", exitFirst);
    expect(await worker.exited).toBe(exitFirst ? "it ended with code 5" : "oom (code 5)");
  });

  it("asks a worker to stop before it makes it", async () => {
    processes.entries.set(workerEntry("stream"), hello);
    const worker = await fork();
    const asked = new Promise<void>((done) => (stopped = done));
    worker.kill("SIGTERM");
    await asked;
    worker.kill("SIGKILL");
    expect(await worker.exited).toBe("it ended with code 0");
  });
});

describe("files and links from outside", () => {
  it("waits for the page, then opens what was given at the start and since", async () => {
    process.argv = ["electron", "app", "--flag", "rec.raw", "file:///data/b%20c.aedat4", "saccade:open"];
    await import("./main.ts");
    const preventDefault = vi.fn();
    fake.app.emit("open-file", { preventDefault }, "/early.raw");
    fake.app.becomeReady();
    const { windowList } = await import("./fakes/app.ts");
    await vi.waitFor(() => expect(windowList.length).toBe(1));
    const window = windowList[0] as unknown as InstanceType<Fake["BrowserWindow"]>;
    await settle();
    const items = (): unknown[] => window.webContents.sent.map(({ args }) => args[0]);
    expect(items()).toEqual([]);
    fake.sendFrom(window.webContents.mainFrame, "saccade:ready");
    expect(items()).toEqual(["/early.raw", resolve("rec.raw"), "/data/b c.aedat4", "saccade:open"]);
    fake.app.emit("second-instance", {}, [], "/wrong", { args: ["x.dat", "-y"], cwd: "/there" });
    expect(items().at(-1)).toBe("/there/x.dat");
    window.reload();
    fake.app.emit("second-instance", {}, [], "", { args: ["later.dat"], cwd: "/there" });
    expect(items().at(-1)).toBe("/there/x.dat");
    fake.sendFrom(window.webContents.mainFrame, "saccade:ready");
    expect(items().at(-1)).toBe("/there/later.dat");
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it("survives what a strange second instance passes on", async () => {
    await boot();
    for (const data of [undefined, 1, { args: 1, cwd: 2 }, { args: [1, {}, "file://host/x"], cwd: "/" }])
      fake.app.emit("second-instance", {}, [], "", data);
  });
});

describe("dialogs", () => {
  it("answers with paths, and refuses what it does not understand", async () => {
    const { webContents } = await boot();
    const invoke = (options: unknown): Promise<unknown> => fake.invokeFrom(webContents.mainFrame, "saccade:choose", options);
    fake.scripted.open = { canceled: false, filePaths: ["/a.raw"] };
    fake.scripted.save = { canceled: true, filePath: "" };
    expect(await invoke({ kind: "files", title: "Open", extensions: [".raw", "aedat4"] })).toEqual({
      ok: true,
      paths: ["/a.raw"],
    });
    expect(fake.scripted.asked[0]).toMatchObject({
      properties: ["openFile", "multiSelections"],
      filters: [{ extensions: ["raw", "aedat4"] }, { extensions: ["*"] }],
    });
    expect(await invoke({ kind: "save", title: "Save", name: "x.png" })).toEqual({ ok: true, paths: [] });
    for (const bad of [
      null,
      {},
      { kind: "exec", title: "x" },
      { kind: "save", title: "x", name: "../x" },
      { kind: "files", title: "x", extensions: ["*/"] },
    ])
      expect(await invoke(bad)).toMatchObject({ ok: false, error: { code: "bad-argument" } });
  });
});

describe("ending", () => {
  it("closes the engine before it ends, and once", async () => {
    const window = await boot();
    expect(window.emitClose()).toBe(false);
    await vi.waitFor(() => expect(fake.app.quitDone).toBe(true));
    expect(closed).toBe(1);
    expect(fake.scripted.asked).toEqual([]);
  });

  it("asks while a run is training, keeps awake, and goes on when told to", async () => {
    status = { ...status, run: { id: "1", name: "Rock", fraction: 0.1, secondsLeft: 60 } };
    fake.scripted.box = { response: 1 };
    const window = await boot();
    await settle();
    expect(fake.blockers.size).toBe(1);
    window.emitClose();
    await settle();
    expect(fake.scripted.asked).toHaveLength(1);
    expect(closed).toBe(0);
    expect(window.destroyed).toBe(false);
    fake.scripted.box = { response: 0 };
    fake.app.quit();
    await vi.waitFor(() => expect(fake.app.quitDone).toBe(true));
    expect(closed).toBe(1);
  });
});

it("reads the graphics setting before ready, and survives a broken one", async () => {
  const { graphicsSwitch } = await import("./before-ready.ts");
  expect(graphicsSwitch('{"ui":{"graphics":"software"}}')).toBe("enable-unsafe-swiftshader");
  expect(graphicsSwitch('{"ui":{"graphics":"force"}}')).toBe("ignore-gpu-blocklist");
  for (const text of [undefined, "", "{", "[]", "null", '{"ui":{"graphics":"--no-sandbox"}}'])
    expect(graphicsSwitch(text)).toBeUndefined();
});
