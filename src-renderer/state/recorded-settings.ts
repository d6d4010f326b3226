import { AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { RecordedCamera } from "#shared/api/stream-api.ts";
import type { App } from "./app.svelte.ts";
import type { CapturePage } from "./capture.svelte.ts";
import { settingsFor } from "./presets.svelte.ts";

/** The camera for recorded settings: the same one, else another of its kind. */
export const cameraFor = (devices: readonly DeviceInfo[], { driver, serial }: RecordedCamera): DeviceInfo | undefined => {
  const usable = devices.filter((one) => one.driver === driver && (one.state === "ready" || one.state === "open"));
  return usable.find((one) => one.serial === serial) ?? usable[0];
};

/** Sets a camera as it was set for a recording; opens it where it is not open. */
export async function takeRecordedSettings(
  app: App,
  page: CapturePage,
  { name, camera }: { readonly name: string; readonly camera: RecordedCamera },
): Promise<void> {
  app.wantedSettings = undefined;
  const device = cameraFor(app.devices, camera);
  const spec = app.catalog?.drivers.find(({ id }) => id === camera.driver)?.params;
  if (device === undefined || spec === undefined) {
    app.fail(
      new AppError("not-found", `The settings of ${name} are those of a ${camera.label}, and none is plugged in`, {
        hint: "Plug one in, then use the settings again.",
      }),
    );
    return;
  }
  const { params, unknown } = settingsFor(spec, camera.params);
  if (page.device?.id === device.id && page.player !== undefined) await page.configure(params);
  else await page.open(device, params);
  const lost = unknown.length === 0 ? "" : `, without ${unknown.join(", ")}, which this version does not know`;
  app.toasts.show(`${device.label} is set as for ${name}${lost}`);
}
