import type { Identity } from "../recognition/recognition.ts";
import type { Transport } from "../transport/transport.ts";
import { slowPort } from "../transport/usb-errors.ts";
import { openBoard, type Board } from "./board.ts";

/** What lists and recordings call the cameras. */
export function nameOf({ kind, chip, columns }: Pick<Board, "kind" | "chip" | "columns">): string {
  switch (kind) {
    case "davis346":
      return chip === 9 ? "DAVIS346 Color" : "DAVIS346";
    case "dvxplorer":
      return columns === 320 ? "DVXplorer Lite" : "DVXplorer";
    case "dvxplorer-mini":
      return "DVXplorer Mini or Micro";
    case "dvs128":
      return "DVS128";
  }
}

/** Asks an iniVation board who it is. */
export async function identifyInivation(transport: Transport): Promise<Identity> {
  const { device } = transport;
  const board = await openBoard(transport);
  await transport.release(0);
  const { kind, serial, columns, rows } = board;
  const slow = kind !== "dvs128" && device.speed !== undefined && device.speed !== "super" ? slowPort(device) : undefined;
  return {
    driver: kind,
    label: `iniVation ${nameOf(board)}`,
    serial,
    sensor: { width: columns, height: rows },
    ...(slow?.hint !== undefined && { advice: { reason: slow.message, remedy: slow.hint } }),
  };
}
