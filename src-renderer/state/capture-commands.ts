import Camera from "@lucide/svelte/icons/camera";
import CircleDot from "@lucide/svelte/icons/circle-dot";
import { words } from "#renderer/words.ts";
import type { App } from "./app.svelte.ts";
import type { CapturePage } from "./capture.svelte.ts";
import type { Command } from "./commands.svelte.ts";

/** What the palette can do on the capture page. */
export const captureCommands = (app: App, page: CapturePage): readonly Command[] => [
  {
    id: "record",
    label: "Record",
    group: "Commands",
    keys: ["R"],
    icon: CircleDot,
    consequence: page.device ? `Starts at once from ${page.device.label}` : "Open a camera first",
    run: () => page.toggleFree(),
  },
  {
    id: "record-before",
    label: "Record with the second before",
    group: "Commands",
    detail: words.places.capture,
    run: () => page.toggleFree(true),
  },
  ...app.devices.map((device) => ({
    id: `open-${device.id}`,
    label: `Open ${device.label}`,
    group: "Commands" as const,
    detail: device.virtual ? "Virtual" : device.serial,
    icon: Camera,
    run: () => page.open(device, {}),
  })),
];
