import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fromSource } from "#main/lib/paths.ts";
import type { UsbSystem } from "../recognition/usb-system.ts";
import type { UsbBus } from "./transport.ts";

/** A USB that exists in memory, and the system around it. */
export interface EmulatedUsb {
  readonly bus: UsbBus;
  readonly system: UsbSystem;
}

/**
 * Development and end-to-end tests: a file named by SACCADE_EMULATED_USB describes emulated cameras, which take the place of the
 * system's USB. Only in a checkout; a package has neither the emulator nor this switch.
 */
export async function developmentUsb(): Promise<EmulatedUsb | undefined> {
  const file = process.env["SACCADE_EMULATED_USB"];
  if (file === undefined || file === "" || !fromSource) return undefined;
  const module = pathToFileURL(join(import.meta.dirname, "..", "testing", "emulated-usb.ts")).href;
  const { emulatedUsb } = (await import(module)) as { readonly emulatedUsb: (file: string) => EmulatedUsb };
  return emulatedUsb(file);
}
