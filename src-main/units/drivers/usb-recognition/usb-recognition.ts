import { AppError } from "#shared/api/errors.ts";
import type { Driver } from "../driver.ts";
import { leftovers, type Recognition } from "../recognition/recognition.ts";

/** Lists the event cameras that are plugged in and cannot be used just now, with reason and remedy. It opens none. */
export const createUsbRecognition = (recognition: Recognition) =>
  ({
    id: leftovers,
    label: "USB cameras",
    summary:
      "Tells of plugged-in event cameras what stands between them and the user: permission, another program, driver, firmware.",
    params: {},
    list: () => recognition.list(leftovers),
    open: async (deviceId) => {
      const device = await recognition.find(deviceId);
      const listed = (await recognition.list(leftovers)).find(({ id }) => id === deviceId);
      if (listed === undefined) {
        throw new AppError("busy", `${device.label} was not ready and is now`, { hint: "Open it again." });
      }
      const code = listed.state === "denied" || listed.state === "busy" ? listed.state : "unsupported";
      throw new AppError(code, `${listed.label} cannot be opened: ${listed.reason ?? "it is not known why"}`, {
        ...(listed.remedy !== undefined && { hint: listed.remedy }),
      });
    },
  }) satisfies Driver;
