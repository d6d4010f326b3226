import { existsSync } from "node:fs";
import { AppError, toAppError } from "#shared/api/errors.ts";
import { EmulatedCamera } from "#main/units/drivers/testing/emulated-camera.ts";
import { markVirtual, ownCameras } from "#main/units/drivers/testing/own-cameras.ts";
import { sceneFeed } from "#main/units/drivers/testing/scene-feed.ts";
import { busIdAt, serveUsbip, type UsbipNews } from "#main/units/drivers/testing/usbip/server.ts";
import { playFaults } from "./virtual-camera/faults.ts";
import { parseOptions, usage, type VirtualCameraOptions } from "./virtual-camera/options.ts";

/*
 * npm run virtual-camera -- CAMERA… : cameras at kernel level. They are served over USB/IP; on any Linux machine with the module
 * vhci-hcd the kernel itself then shows them, and every program finds them like cameras that are plugged in. They say of themselves
 * that they are virtual.
 */

const say = (line: string): void => console.log(line);
const onNews = (news: UsbipNews): void => {
  if (news.kind === "misunderstood") say(`not understood: ${news.what}`);
  else if (news.kind !== "listed") say(`${news.busId} ${news.kind}`);
};

function plugIn(options: VirtualCameraOptions): readonly EmulatedCamera[] {
  return options.cameras.map((id, index) => {
    const { transcript, model, encoding } = markVirtual(ownCameras[id], index === 0 ? id : `${id}-${index + 1}`);
    const { width, height } = transcript.camera;
    const feed = sceneFeed({ encoding, sensor: { width, height }, eventsPerSecond: options.rate, seed: options.seed + index });
    const camera = new EmulatedCamera({ transcript, model: model(), feed, key: `1-${index + 2}`, faults: { ...options.faults } });
    const { "2": product, "3": serial } = transcript.usb.strings;
    say(`Virtual camera at kernel level on ${busIdAt(index)}: ${product}, ${serial}: a wandering disc, ${options.rate} events/s`);
    return camera;
  });
}

function explain(port: number, cameras: readonly EmulatedCamera[]): void {
  const tcp = port === 3240 ? "" : ` --tcp-port ${port}`;
  const attach = cameras.map((_, index) => `sudo usbip${tcp} attach -r 127.0.0.1 -b ${busIdAt(index)}`).join(" && ");
  say(`Listening on port ${port}. Plug it in with:`);
  say(`  sudo modprobe vhci-hcd && ${attach}`);
  if (!existsSync("/sys/devices/platform/vhci_hcd.0")) {
    say(
      "The module vhci-hcd is not loaded here; where the kernel does not have it, attach from another Linux machine (--host 0.0.0.0).",
    );
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") {
    say(usage);
    return;
  }
  const cameras = plugIn(options);
  const server = await serveUsbip({ cameras, port: options.port, host: options.host, onNews }).catch((cause: unknown) => {
    throw new AppError("busy", `Port ${options.port} cannot be used`, {
      hint: "Another USB/IP server may use it (usbipd): end it, or choose another with --port.",
      cause,
    });
  });
  explain(server.port, cameras);
  const endFaults = playFaults(cameras, options, say);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      endFaults();
      void server.close();
    });
  }
}

main().catch((error: unknown) => {
  const { message, hint } = toAppError(error);
  console.error(hint === undefined ? message : `${message}\n${hint}`);
  process.exitCode = 1;
});
