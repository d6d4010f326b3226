import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { CameraHolder } from "#shared/api/devices.ts";

/** What a system tells of USB devices besides the devices themselves. It never fails: what cannot be seen is not there. */
export interface UsbSystem {
  /** Programs that have a device open, this one left out. @param key bus and address, `"2-7"` */
  holdersOf(key: string): Promise<readonly CameraHolder[]>;
  /** A file of udev rules that names a device. Numbers as four hexadecimal digits. */
  ruleFileFor(vendorId: string, productId: string): Promise<string | undefined>;
}

/** A system that tells nothing: Windows, macOS. */
export const noSystem: UsbSystem = {
  holdersOf: () => Promise.resolve([]),
  ruleFileFor: () => Promise.resolve(undefined),
};

/** Where udev looks for rules, the administrator's first. */
const RULE_FOLDERS = ["etc/udev/rules.d", "run/udev/rules.d", "usr/local/lib/udev/rules.d", "usr/lib/udev/rules.d"];

/** A look at something that may not be there or not be ours to see; other users' processes and folders that are missing are neither. */
async function seen<T>(look: Promise<T>, otherwise: T): Promise<T> {
  return look.catch(() => otherwise);
}

const deviceFile = (root: string, key: string): string | undefined => {
  const [bus, address] = key.split("-").map((part) => part.padStart(3, "0"));
  return bus === undefined || address === undefined ? undefined : join(root, "dev/bus/usb", bus, address);
};

/** A Linux system. @param root where its file system begins: tests put a made one there */
export function linuxSystem(root = "/", ownPid = process.pid): UsbSystem {
  const holds = async (pid: string, file: string): Promise<boolean> => {
    const folder = join(root, "proc", pid, "fd");
    for (const handle of await seen(readdir(folder), [])) {
      if ((await seen(readlink(join(folder, handle)), "")) === file) return true;
    }
    return false;
  };
  return {
    holdersOf: async (key) => {
      const file = deviceFile(root, key);
      if (file === undefined) return [];
      const pids = (await seen(readdir(join(root, "proc")), [])).filter((name) => /^\d+$/.test(name) && Number(name) !== ownPid);
      const holding = await Promise.all(pids.map(async (pid) => ((await holds(pid, file)) ? [pid] : [])));
      return Promise.all(
        holding.flat().map(async (pid) => ({
          pid: Number(pid),
          program: (await seen(readFile(join(root, "proc", pid, "comm"), "utf8"), "a program")).trim(),
        })),
      );
    },
    ruleFileFor: async (vendorId, productId) => {
      const vendor = new RegExp(`idVendor\\}=="${vendorId}"`, "i");
      const product = new RegExp(`idProduct\\}=="${productId}"`, "i");
      for (const folder of RULE_FOLDERS.map((path) => join(root, path))) {
        for (const name of await seen(readdir(folder), [])) {
          if (!name.endsWith(".rules")) continue;
          const lines = (await seen(readFile(join(folder, name), "utf8"), "")).split("\n");
          if (lines.some((line) => !line.startsWith("#") && vendor.test(line) && product.test(line))) return join(folder, name);
        }
      }
      return undefined;
    },
  };
}

/** What this machine's system tells. */
export const systemFacts = (platform: string = process.platform): UsbSystem => (platform === "linux" ? linuxSystem() : noSystem);
