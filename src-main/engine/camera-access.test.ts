import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { udevRuleFor } from "#shared/api/camera-help.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import { createCameraAccess, ownSystem, type AccessSystem, type Outcome } from "./camera-access.ts";

const usb = { vendorId: "04b4", productId: "00f5", key: "2-7" };
const device: DeviceInfo = {
  id: "usb-04b4-00f5-2-7",
  driver: "usb-recognition",
  label: "Prophesee EVK3 or EVK4",
  serial: "",
  state: "denied",
  virtual: false,
  obstacle: "no-permission",
  usb,
};
const rule = udevRuleFor(usb);

let root: string;
let programs: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "saccade-access-"));
  programs = join(root, "bin");
  await mkdir(join(root, "etc/udev/rules.d"), { recursive: true });
  await mkdir(programs);
});
afterEach(() => rm(root, { recursive: true }));

const install = async (name: string, script = "exit 0"): Promise<void> => {
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, name), 0o755);
};

/** A machine with the programs that were installed; what it is asked to run is kept, and answered. */
function machine(options: Partial<AccessSystem> = {}, answer: (program: string) => Outcome = () => ({ code: 0, errors: "" })) {
  const ran: { readonly program: string; readonly args: readonly string[]; readonly input: string }[] = [];
  const system: AccessSystem = {
    platform: "linux",
    uid: 1000,
    env: { PATH: programs },
    root,
    run: (program, args, input) => {
      ran.push({ program, args, input });
      return Promise.resolve(answer(program));
    },
    ...options,
  };
  return { ran, access: createCameraAccess(() => Promise.resolve([device]), system) };
}
const screen = () => ({ env: { PATH: programs, DISPLAY: ":0" } });

describe("how access can be given", () => {
  it.each([
    ["not on Linux", { platform: "win32" }, [], /Only Linux/],
    ["without udev", {}, [], /has no udev/],
    ["without a screen, and sudo wants a password", {}, ["udevadm", "sudo", "pkexec"], /no screen on which/],
    ["with a screen but without pkexec", { env: { DISPLAY: ":0" } }, ["udevadm"], /pkexec.*is not installed/],
  ] as const)("%s: it is refused, and the command is still told", async (_name, options, names, reason) => {
    for (const name of names) await install(name);
    const env = { PATH: programs, ...("env" in options ? options.env : {}) };
    const { access, ran } = machine({ ...options, env }, () => ({ code: 1, errors: "a password is required" }));
    const plan = await access.accessPlan(device.id);
    expect(plan.refused).toMatch(reason);
    expect(plan.method).toBeUndefined();
    expect(plan.rule).toEqual(rule);
    await expect(access.grantAccess(device.id, rule.line)).rejects.toMatchObject({ code: "denied", hint: rule.command });
    expect(ran.every(({ input }) => input === "")).toBe(true);
  });

  it.each([
    ["root", { uid: 0 }, ["udevadm"]],
    ["pkexec", {}, ["udevadm", "pkexec", "sudo"]],
    ["sudo", {}, ["udevadm", "sudo"]],
  ] as const)("by %s where that is there; looking changes nothing", async (method, options, names) => {
    for (const name of names) await install(name);
    const { access, ran } = machine({ ...screen(), ...options });
    expect(await access.accessPlan(device.id)).toEqual({ rule, method });
    expect(ran.filter(({ args }) => !args.includes("true"))).toEqual([]);
  });

  it("only for cameras that lack permission and are there", async () => {
    const list = () => Promise.resolve([{ ...device, obstacle: "busy" } as const]);
    const { accessPlan, grantAccess } = createCameraAccess(list, ownSystem());
    await expect(accessPlan(device.id)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(grantAccess(device.id, rule.line)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(accessPlan("usb-1")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("giving access", () => {
  it("installs nothing but what was shown", async () => {
    await install("udevadm");
    const { access, ran } = machine({ uid: 0 });
    await expect(access.grantAccess(device.id, rule.line.replace("0660", "0666"))).rejects.toMatchObject({
      code: "bad-argument",
    });
    expect(ran).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("writes the rule and has it applied, with the true shell", async () => {
    await install("udevadm", `echo "$@" >> ${join(root, "calls")}`);
    const before = process.env["PATH"];
    process.env["PATH"] = `${programs}${delimiter}${before}`;
    try {
      const system = { ...ownSystem(), platform: "linux", uid: 0, root };
      await createCameraAccess(() => Promise.resolve([device]), system).grantAccess(device.id, rule.line);
    } finally {
      process.env["PATH"] = before;
    }
    const path = join(root, rule.path);
    expect(await readFile(path, "utf8")).toBe(`${rule.line}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    expect(await readFile(join(root, "calls"), "utf8")).toBe(
      "control --reload-rules\ntrigger --subsystem-match=usb --attr-match=idVendor=04b4 --attr-match=idProduct=00f5\nsettle --timeout=5\n",
    );
  });

  it("asks by pkexec, with the rule on standard input and the path as an argument", async () => {
    for (const name of ["udevadm", "pkexec"]) await install(name);
    const { access, ran } = machine(screen(), () => ({ code: 126, errors: "" }));
    await expect(access.grantAccess(device.id, rule.line)).rejects.toMatchObject({
      code: "denied",
      message: expect.stringContaining("password was not given") as string,
      hint: expect.stringContaining("sudo tee") as string,
    });
    expect(ran).toHaveLength(1);
    expect(ran[0]).toMatchObject({ program: "pkexec", input: `${rule.line}\n` });
    expect(ran[0]?.args.slice(0, 2)).toEqual(["/bin/sh", "-c"]);
    expect(ran[0]?.args.slice(3)).toEqual(["saccade", join(root, rule.path), "04b4", "00f5"]);
  });

  it.each([
    [{ code: 127, errors: "Error executing command as another user: Not authorized" }, "denied", /Not authorized/],
    [{ code: 1, errors: "cat: /etc/udev/rules.d: Read-only file system" }, "io", /Read-only file system/],
    [{ code: undefined, errors: "" }, "io", /did not end in time/],
    [{ code: 0, errors: "" }, "io", /could not be installed/],
  ] as const)("says why it failed: %o", async (outcome, code, message) => {
    for (const name of ["udevadm", "pkexec"]) await install(name);
    const { access } = machine(screen(), () => outcome);
    await expect(access.grantAccess(device.id, rule.line)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
