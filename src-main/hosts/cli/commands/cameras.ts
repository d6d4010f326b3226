import type { DeviceInfo } from "#shared/api/devices.ts";
import type { StreamRef } from "#shared/api/stream-api.ts";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { RawParams } from "#shared/units/params.ts";
import { explainCameras, helpLines } from "#shared/api/camera-help.ts";
import { command } from "../command.ts";
import { table } from "./table.ts";

/** The camera of an id, a driver or a serial number. @throws AppError `not-found`, `denied`, `busy` with its remedy. */
export function pickCamera(cameras: readonly DeviceInfo[], wanted: string): DeviceInfo {
  const found =
    cameras.find(({ id }) => id === wanted) ?? cameras.find(({ driver, serial }) => driver === wanted || serial === wanted);
  if (found === undefined) {
    const known = cameras.map(({ id }) => id).join(", ");
    throw new AppError("not-found", `There is no camera "${wanted}"`, {
      hint: known === "" ? "None is connected." : `Connected: ${known}.`,
    });
  }
  if (found.state === "denied" || found.state === "busy")
    throw new AppError(
      found.state,
      `${found.label}: ${found.reason ?? "it cannot be opened"}`,
      found.remedy === undefined ? {} : { hint: found.remedy },
    );
  return found;
}

/** The camera of an id, a driver or a serial number among those the engine sees. */
export const findCamera = async (engine: EngineApi, wanted: string): Promise<DeviceInfo> =>
  pickCamera(await engine.devices.list(), wanted);

/** A camera as a stream. */
export const cameraRef = ({ id }: DeviceInfo, params: RawParams = {}): StreamRef => ({ kind: "camera", deviceId: id, params });

export const cameras = command({
  path: ["cameras"],
  summary: "Lists the connected cameras, the virtual ones included.",
  positionals: [],
  options: {},
  output: "[{id, driver, serial, sensor, state, reason?, remedy?}]",
  run: async ({ out, worker }) => {
    const list = await (await worker()).devices();
    await out.data(list);
    const rows = list.map(({ id, driver, serial, sensor, state, virtual, label }) => [
      id,
      driver,
      serial,
      sensor === undefined ? "" : `${sensor.width} × ${sensor.height}`,
      state,
      virtual ? `${label} (virtual)` : label,
    ]);
    await out.text(table(["camera", "driver", "serial", "sensor", "state", "name"], rows));
    for (const help of explainCameras(list, process.platform)) out.note(helpLines(help).join("\n"));
  },
});
