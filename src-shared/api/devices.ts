import type { Sensor } from "../events/sensor.ts";

/** A camera that is there, or could be. */
export interface DeviceInfo {
  readonly id: string;
  readonly driver: string;
  readonly label: string;
  readonly serial: string;
  readonly sensor?: Sensor;
  readonly state: "ready" | "open" | "denied" | "busy" | "unknown";
  /** True for cameras made of files or drawings: the interface says so wherever it shows them. */
  readonly virtual: boolean;
  readonly reason?: string;
  readonly remedy?: string;
  /** What kind of trouble `reason` is; `explainCamera` makes steps of it. */
  readonly obstacle?: CameraObstacle;
  /** How it is plugged in. Absent for cameras that are not. */
  readonly usb?: UsbPlace;
  /** Linux, without permission: a file of rules that names this camera already. */
  readonly ruleFile?: string;
  /** Busy: the programs that hold it, as far as the system shows them. */
  readonly holders?: readonly CameraHolder[];
}

/** What can stand between a camera and the user, or slow it down. */
export type CameraObstacle =
  | "no-permission"
  | "busy"
  | "wrong-driver"
  | "slow-port"
  | "unknown-firmware"
  | "no-driver"
  | "no-answer"
  | "unplugged"
  | "no-usb"
  | "failed";

/** Something that a camera measures about itself or the light: its temperature, what it has lost. */
export interface CameraReading {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
}

/** Where and what a USB device is. */
export interface UsbPlace {
  /** Four hexadecimal digits, as USB tools print them. */
  readonly vendorId: string;
  readonly productId: string;
  /** Bus and address, "2-7": they change when it is plugged in again. */
  readonly key: string;
  /** What port and cable allow: USB 1, 2 or 3. */
  readonly speed?: "full" | "high" | "super";
  /** The camera could send more than that. */
  readonly slow?: boolean;
}

/** A program that has a camera open. */
export interface CameraHolder {
  readonly pid: number;
  /** What the system calls it. */
  readonly program: string;
}
