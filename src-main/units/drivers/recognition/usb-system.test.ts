import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linuxSystem, noSystem, systemFacts } from "./usb-system.ts";

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), "saccade-system-"))));
afterEach(() => rm(root, { recursive: true }));

/** A process as the system shows it: its name, and what its handles point to. */
async function process(pid: number, program: string, ...handles: readonly string[]): Promise<void> {
  const folder = join(root, "proc", String(pid));
  await mkdir(join(folder, "fd"), { recursive: true });
  await writeFile(join(folder, "comm"), `${program}\n`);
  for (const [i, file] of handles.entries()) await symlink(join(root, file), join(folder, "fd", String(i)));
}

async function rules(path: string, text: string): Promise<void> {
  const file = join(root, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
}

describe("who holds a device", () => {
  it("finds the programs by their open files, and leaves itself and other devices out", async () => {
    await process(4321, "metavision_studio", "dev/null", "dev/bus/usb/002/007");
    await process(55, "dv-gui", "dev/bus/usb/002/007");
    await process(77, "lsusb", "dev/bus/usb/002/008");
    await process(99, "node", "dev/bus/usb/002/007");
    await mkdir(join(root, "proc", "self", "fd"), { recursive: true });
    const holders = await linuxSystem(root, 99).holdersOf("2-7");
    expect(holders.toSorted((a, b) => a.pid - b.pid)).toEqual([
      { pid: 55, program: "dv-gui" },
      { pid: 4321, program: "metavision_studio" },
    ]);
    expect(await linuxSystem(root, 99).holdersOf("2-9")).toEqual([]);
  });

  it("passes over processes that end or belong to others while it looks", async () => {
    await process(10, "gone");
    await rm(join(root, "proc", "10", "fd"), { recursive: true });
    await process(11, "nameless", "dev/bus/usb/001/003");
    await rm(join(root, "proc", "11", "comm"));
    expect(await linuxSystem(root).holdersOf("1-3")).toEqual([{ pid: 11, program: "a program" }]);
  });
});

describe("rules that are there", () => {
  const line = 'SUBSYSTEM=="usb", ATTR{idVendor}=="04b4", ATTR{idProduct}=="00f5", MODE="0660", TAG+="uaccess"';

  it("finds a rule for exactly these numbers, the administrator's folder first", async () => {
    await rules("usr/lib/udev/rules.d/70-saccade.rules", `# cameras\n${line}\n`);
    const packaged = join(root, "usr/lib/udev/rules.d/70-saccade.rules");
    expect(await linuxSystem(root).ruleFileFor("04b4", "00f5")).toBe(packaged);
    expect(await linuxSystem(root).ruleFileFor("04b4", "00f4")).toBeUndefined();
    expect(await linuxSystem(root).ruleFileFor("152a", "00f5")).toBeUndefined();
    await rules("etc/udev/rules.d/99-evk.rules", line.replace("00f5", "00F5"));
    expect(await linuxSystem(root).ruleFileFor("04b4", "00f5")).toBe(join(root, "etc/udev/rules.d/99-evk.rules"));
  });

  it("takes neither a comment nor another kind of file for a rule", async () => {
    await rules("etc/udev/rules.d/70-a.rules", `#${line}\n`);
    await rules("etc/udev/rules.d/70-b.rules.bak", line);
    expect(await linuxSystem(root).ruleFileFor("04b4", "00f5")).toBeUndefined();
  });
});

it("other systems tell nothing", async () => {
  expect(systemFacts("win32")).toBe(noSystem);
  expect([await noSystem.holdersOf("1-1"), await noSystem.ruleFileFor("04b4", "00f5")]).toEqual([[], undefined]);
});
