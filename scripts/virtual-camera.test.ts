import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { parseParams } from "#shared/units/params.ts";
import { rootDir } from "#main/lib/paths.ts";
import { createRealDrivers } from "#main/units/drivers/real-drivers.ts";
import { until } from "#main/units/drivers/testing/bench.ts";
import { usbipBus } from "#main/units/drivers/testing/usbip/client.ts";
import { parseOptions } from "./virtual-camera/options.ts";

/** The script as people start it. */
async function started(...args: readonly string[]) {
  const child = spawn(process.execPath, ["scripts/virtual-camera.ts", ...args], {
    cwd: rootDir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const portIn = (): number => Number(/Listening on port (\d+)/.exec(lines.join("\n"))?.[1] ?? 0);
  await until(() => portIn() > 0 || child.exitCode !== null, "it listens");
  return { lines, port: portIn(), code, end: () => void child.kill("SIGTERM") };
}

describe("npm run virtual-camera", () => {
  it("serves cameras that say that they are virtual, and how to plug them in; unplugs and plugs in again", async () => {
    const fault = ["--unplug-after", "0.5", "--replug-after", "0.2"];
    const { lines, port, code, end } = await started("evk4", "davis346", "--port", "0", "--rate", "20000", ...fault);
    try {
      const drivers = createRealDrivers(usbipBus(port), () => Promise.resolve());
      const list = async () => (await Promise.all(drivers.map((driver) => driver.list()))).flat();
      const command = `sudo modprobe vhci-hcd && sudo usbip --tcp-port ${port} attach -r 127.0.0.1 -b 1-1`;
      await until(() => lines.join("\n").includes(command), `it says: ${command}`);
      const [evk4, davis] = await list();
      expect(evk4).toMatchObject({ driver: "evk4", serial: "VIRTUAL-EVK4", virtual: true, state: "ready" });
      expect(davis).toMatchObject({ driver: "davis346", serial: "VIRTUAL-DAVIS346-2", virtual: true, state: "ready" });
      const driver = drivers.find(({ id }) => id === "davis346")!;
      const camera = await driver.open(davis!.id, parseParams(driver.params, {}, "test"));
      expect(camera.metadata).toMatchObject({ serial_number: "VIRTUAL-DAVIS346-2" });
      let bytes = 0;
      const ends: unknown[] = [];
      camera.start(
        (chunk) => (bytes += chunk.length),
        (reason) => ends.push(reason),
      );
      await until(() => ends.length > 0, "the cable is pulled");
      expect(bytes).toBeGreaterThan(0);
      expect(ends).toMatchObject([{ code: "camera-gone" }]);
      await until(() => lines.some((line) => line.includes("1-2 plugged in again")), "it comes back");
      expect(await list()).toMatchObject([{ driver: "evk4" }, { driver: "davis346", state: "ready" }]);
    } finally {
      end();
    }
    expect(await code).toBe(0);
  });

  it("refuses what it does not know, with what there is", async () => {
    const { lines, code } = await started("evk5");
    expect(await code).toBe(1);
    expect(lines.join("\n")).toMatch(/no virtual camera "evk5"[^]*dvxplorer-mini-10/);
    expect(() => parseOptions([])).toThrow(/No camera was named/);
    expect(() => parseOptions(["evk4", "--rate", "1e9"])).toThrow(/--rate is 1e9; it has to lie between 1 and 1000000/);
    expect(() => parseOptions(["evk4", "--quick"])).toThrow(/quick/);
    expect(parseOptions(["--help"])).toBe("help");
  });
});
