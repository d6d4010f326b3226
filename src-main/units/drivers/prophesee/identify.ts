import type { Identity } from "../recognition/recognition.ts";
import type { Transport } from "../transport/transport.ts";
import { slowPort } from "../transport/usb-errors.ts";
import { openBoard, type Board } from "./board.ts";
import type { Pause } from "../session/open-device.ts";
import { sensorModels } from "./sensors.ts";

function driverOf({ sensor, product }: Board): { readonly driver: string; readonly name: string } {
  if (sensor === "genx320-mp" || sensor === "genx320-es") return { driver: "evk3-320", name: "EVK3 320" };
  if (sensor === "gen41") return { driver: "evk3-hd", name: "EVK3 HD" };
  // The same sensor sits on two boards.
  return product.startsWith("EVK3") ? { driver: "evk3-hd", name: "EVK3 HD" } : { driver: "evk4", name: "EVK4 HD" };
}

/** Asks a Prophesee board, or one built on its sensor, who it is. */
export const identifyProphesee =
  (pause: Pause) =>
  async (transport: Transport): Promise<Identity> => {
    const { device } = transport;
    const { board } = await openBoard(transport, pause);
    await transport.release(0);
    const { driver, name } = driverOf(board);
    const { sensor, label } = sensorModels[board.sensor];
    const maker = board.maker === "Prophesee" ? `Prophesee ${name}` : device.label;
    const slow = device.speed !== undefined && device.speed !== "super" ? slowPort(device) : undefined;
    return {
      driver,
      label: `${maker} (${label})`,
      serial: board.serial,
      sensor,
      ...(slow?.hint !== undefined && { advice: { reason: slow.message, remedy: slow.hint } }),
    };
  };
