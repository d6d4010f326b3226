import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { rootDir } from "#main/lib/paths.ts";
import type { EmulatedCamera } from "#main/units/drivers/testing/emulated-camera.ts";
import { serveUsbip } from "#main/units/drivers/testing/usbip/server.ts";
import { mockDevice, sysPath } from "./mock-device.ts";
import type { MockedResult, MockedRun } from "./mocked-run.ts";

const run = promisify(execFile);
const folderOf = (file: string): string => resolve(rootDir, "src-main/units/drivers/transport/testing", file);

/** Longest run of a program under a mocked system, s, beside the time it streams: a busy machine is no failure, a hang is. */
const PATIENCE_S = 100;
const UMOCKDEV = "umockdev-1.0";

/** Whether system calls can be mocked here: the Debian package `umockdev`. */
export const hasUmockdev = existsSync("/usr/bin/umockdev-run");
/** Whether a mocked device can be programmed here too: `libumockdev-dev`, `pkg-config` and a compiler. */
export const hasProgrammable =
  hasUmockdev && spawnSync("pkg-config", ["--exists", UMOCKDEV]).status === 0 && spawnSync("cc", ["--version"]).status === 0;

/** A folder for the files of tests; `remove` takes it away. */
export async function testFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "saccade-usb-"));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** Compiles the program that makes a USB/IP device a mocked one; answers its path. */
export async function buildBridge(folder: string): Promise<string> {
  const { stdout } = await run("pkg-config", ["--cflags", "--libs", UMOCKDEV]);
  const program = join(folder, "usbip-umockdev");
  const flags = stdout.trim().split(/\s+/);
  await run("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, folderOf("usbip-umockdev.c"), ...flags]);
  return program;
}

export interface MockedOptions {
  /** From `buildBridge`. */
  readonly bridge: string;
  readonly folder: string;
  /** Whether the device node cannot be opened, or not be claimed. */
  readonly fault?: "deny" | "busy";
  /** How long it streams, s. */
  readonly streamS?: number;
  /** Looks every few milliseconds while the program runs. */
  readonly watch?: (tell: (line: string) => void) => void;
}

/** Serves an emulated camera, and lets the real USB library find it as if the kernel had it. */
export async function runMocked(
  camera: EmulatedCamera,
  what: MockedRun,
  { bridge, folder, fault, streamS = 0, watch }: MockedOptions,
): Promise<MockedResult> {
  const server = await serveUsbip({ cameras: [camera], port: 0 });
  const description = join(folder, "device.umockdev");
  await writeFile(description, mockDevice(camera.transcript));
  const program = [process.execPath, folderOf("mocked-run.ts"), JSON.stringify(what)];
  const bridged = [bridge, ...(fault === undefined ? [] : [`--${fault}`]), String(server.port), "1-1", description];
  const child = spawn("umockdev-wrapper", [...bridged, `/sys${sysPath}`, "--", ...program], {
    cwd: rootDir,
    timeout: (PATIENCE_S + streamS) * 1000,
    stdio: "pipe",
  });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  // It may have ended for another reason before it is told to; then that reason is what counts.
  child.stdin.on("error", (error) => complaints.push(Buffer.from(`it took no input: ${error.message}`)));
  const timer = setInterval(() => {
    if (!child.stdin.writableEnded) watch?.((line) => child.stdin.end(`${line}\n`));
  }, 5);
  try {
    const code = await new Promise<number | null>((done, failed) => {
      child.on("error", failed);
      child.on("close", done);
    });
    const said = Buffer.concat(complaints).toString();
    if (code !== 0) throw new Error(`the mocked program ended with ${code}: ${said}`);
    return JSON.parse(Buffer.concat(output).toString()) as MockedResult;
  } finally {
    clearInterval(timer);
    await server.close();
  }
}
