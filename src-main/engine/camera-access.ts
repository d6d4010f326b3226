import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { udevRuleFor, type UdevRule } from "#shared/api/camera-help.ts";
import type { CameraAccessPlan, EngineApi } from "#shared/api/engine-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";

/** The administrator has so long to type a password, ms. */
const PATIENCE_MS = 120_000;
/** How pkexec says that the question was dismissed, and that nobody may answer it. */
const DISMISSED = 126;
const NOT_AUTHORIZED = 127;

/**
 * Writes the rule, which comes by standard input so that no other program can change it on the way, and has it applied to what is
 * plugged in. Arguments: path, vendor, product.
 */
const SCRIPT =
  'umask 022 && cat > "$1" && udevadm control --reload-rules && ' +
  'udevadm trigger --subsystem-match=usb --attr-match="idVendor=$2" --attr-match="idProduct=$3" && udevadm settle --timeout=5';

/** What a program answered. */
export interface Outcome {
  /** Absent when it could not be started or was ended. */
  readonly code: number | undefined;
  readonly errors: string;
}

/** What the machine offers; tests make their own. */
export interface AccessSystem {
  readonly platform: string;
  readonly uid: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the file system begins. */
  readonly root: string;
  run(program: string, args: readonly string[], input: string): Promise<Outcome>;
}

/** Gives access to cameras, on a user's request only. */
export type CameraAccess = Pick<EngineApi["devices"], "accessPlan" | "grantAccess">;

async function runProgram(program: string, args: readonly string[], input: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"], timeout: PATIENCE_MS });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", (error) => resolve({ code: undefined, errors: error.message }));
    child.on("close", (code) => resolve({ code: code ?? undefined, errors: errors.trim() }));
    // A program that ends without reading says why by its code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** This machine. */
export const ownSystem = (): AccessSystem => ({
  platform: process.platform,
  uid: process.getuid?.(),
  env: process.env,
  root: "/",
  run: runProgram,
});

const isThere = ({ env }: AccessSystem, program: string): boolean =>
  (env["PATH"] ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));

type Way = { readonly method: "root" | "pkexec" | "sudo" } | { readonly refused: string };

/** How this machine lets the administrator be asked. */
async function wayOf(system: AccessSystem): Promise<Way> {
  const { platform, uid, env, root } = system;
  if (platform !== "linux") return { refused: "Only Linux has such rules." };
  if (!existsSync(join(root, "etc/udev/rules.d")) || !isThere(system, "udevadm")) {
    return { refused: "This system has no udev: whoever runs the machine, or the container's host, has to give access." };
  }
  if (uid === 0) return { method: "root" };
  const screen = env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined;
  if (screen && isThere(system, "pkexec")) return { method: "pkexec" };
  if (isThere(system, "sudo") && (await system.run("sudo", ["-n", "true"], "")).code === 0) return { method: "sudo" };
  return {
    refused: screen
      ? "pkexec, which would ask for the administrator's password, is not installed. Run the command in a terminal."
      : "There is no screen on which the system could ask for the administrator's password. Run the command in a terminal.",
  };
}

function ruleOf(device: DeviceInfo): UdevRule {
  if (device.obstacle === "no-permission" && device.usb !== undefined) return udevRuleFor(device.usb);
  throw new AppError("bad-argument", `${device.label} needs no rule: permission is not what it lacks`, {
    hint: "See what the list of cameras says of it.",
  });
}

const failure = (rule: UdevRule, { code, errors }: Outcome): AppError => {
  const hint = `Run it in a terminal: ${rule.command}`;
  if (code === DISMISSED)
    return new AppError("denied", "The administrator's password was not given; nothing was changed", { hint });
  const why = errors.split("\n").at(-1) || (code === undefined ? "it did not end in time" : `error ${code}`);
  if (code === NOT_AUTHORIZED)
    return new AppError("denied", `The system did not allow it (${why}); nothing was changed`, { hint });
  return new AppError("io", `The rule ${rule.path} could not be installed: ${why}`, { hint });
};

/** @param list the cameras that are there now */
export function createCameraAccess(list: () => Promise<readonly DeviceInfo[]>, system: AccessSystem = ownSystem()): CameraAccess {
  const find = async (deviceId: string): Promise<DeviceInfo> => {
    const device = (await list()).find(({ id }) => id === deviceId);
    if (device !== undefined) return device;
    throw new AppError("not-found", `The camera "${deviceId}" is not plugged in`, { hint: "Plug it in again." });
  };
  return {
    accessPlan: async (deviceId): Promise<CameraAccessPlan> => {
      const rule = ruleOf(await find(deviceId));
      return { rule, ...(await wayOf(system)) };
    },
    grantAccess: async (deviceId, line) => {
      const device = await find(deviceId);
      const rule = ruleOf(device);
      if (line !== rule.line) {
        throw new AppError("bad-argument", "The rule is not the one that was shown", {
          hint: "Look at it again, then install it.",
        });
      }
      const way = await wayOf(system);
      if ("refused" in way) throw new AppError("denied", way.refused, { hint: rule.command });
      const { vendorId = "", productId = "" } = device.usb ?? {};
      const path = join(system.root, rule.path);
      const args = ["-c", SCRIPT, "saccade", path, vendorId, productId];
      const [program, before] = { root: ["/bin/sh", []], pkexec: ["pkexec", ["/bin/sh"]], sudo: ["sudo", ["-n", "/bin/sh"]] }[
        way.method
      ] as [string, readonly string[]];
      const outcome = await system.run(program, [...before, ...args], `${rule.line}\n`);
      if (outcome.code !== 0) throw failure(rule, outcome);
      try {
        if ((await readFile(path, "utf8")).trim() === rule.line) return;
      } catch (error) {
        throw failure(rule, { code: 0, errors: toErrorData(error).message });
      }
      throw failure(rule, { code: 0, errors: "it holds something else than what was written" });
    },
  };
}
