import { udevRuleFor, type UdevRule } from "#shared/api/camera-help.ts";
import { AppError, type ErrorCode } from "#shared/api/errors.ts";
import type { CameraObstacle } from "#shared/api/devices.ts";
import { usbNumber } from "./known-cameras.ts";
import type { UsbDevice } from "./transport.ts";

/** Error numbers of libusb (negative: calls) and of its transfers (positive), as far as they are told apart. */
export const usbErrno = {
  access: -3,
  noDevice: -4,
  notFound: -5,
  busy: -6,
  timeout: -7,
  overflow: -8,
  pipe: -9,
  noMemory: -11,
  notSupported: -12,
  transferError: 1,
  transferTimedOut: 2,
  transferCancelled: 3,
  transferStall: 4,
  transferNoDevice: 5,
  transferOverflow: 6,
} as const;

/** An error that also says what kind of trouble a camera is in. */
export class CameraError extends AppError {
  readonly obstacle: CameraObstacle;

  constructor(obstacle: CameraObstacle, code: ErrorCode, message: string, options: { readonly hint?: string } = {}) {
    super(code, message, options);
    this.obstacle = obstacle;
  }
}

type Subject = Pick<UsbDevice, "label" | "vendorId" | "productId">;

/** The rule that gives whoever sits at a Linux machine access to the device. */
export const udevRule = ({ vendorId, productId }: Pick<Subject, "vendorId" | "productId">): UdevRule =>
  udevRuleFor({ vendorId: usbNumber(vendorId), productId: usbNumber(productId) });

const busy = (label: string): CameraError =>
  new CameraError("busy", "busy", `Another program uses ${label}`, {
    hint: "Close the other program (a vendor's viewer, or another Saccade), then try again.",
  });

const wrongDriver = (label: string): CameraError =>
  new CameraError("wrong-driver", "unsupported", `${label} does not have the WinUSB driver, which Windows needs to open it`, {
    hint: "Install WinUSB for it with the vendor's installer or with Zadig (choose WinUSB, not libusb0 or libusbK), then plug it in again.",
  });

/**
 * What went wrong with a device, for people.
 * @param doing completes "while …"
 */
export function usbFailure(device: Subject, errno: number, doing: string, platform: string = process.platform): CameraError {
  const { label } = device;
  switch (errno) {
    case usbErrno.access:
      // Elsewhere than on Linux there are no permissions to USB devices: it is open already.
      if (platform !== "linux") return busy(label);
      return new CameraError("no-permission", "denied", `You have no permission to open ${label}`, {
        hint: `Put this line into ${udevRule(device).path}, then plug the camera in again: ${udevRule(device).line}`,
      });
    case usbErrno.busy:
      return busy(label);
    case usbErrno.noDevice:
    case usbErrno.transferNoDevice:
      return new CameraError("unplugged", "camera-gone", `${label} was unplugged`, { hint: "Plug it in and open it again." });
    case usbErrno.notSupported:
    case usbErrno.notFound:
      if (platform === "win32") return wrongDriver(label);
      return new CameraError(
        "unknown-firmware",
        "unsupported",
        `${label} lacks what it was asked for while ${doing} (USB error ${errno})`,
        {
          hint: "Another device may carry its numbers, or its firmware may be too old: compare with the vendor's viewer.",
        },
      );
    case usbErrno.noMemory:
      return new CameraError("failed", "out-of-memory", `The system has no memory left for the USB transfers of ${label}`, {
        hint:
          platform === "linux"
            ? "Close other cameras, or raise the limit: echo 256 | sudo tee /sys/module/usbcore/parameters/usbfs_memory_mb"
            : "Close other cameras and programs.",
      });
    case usbErrno.timeout:
    case usbErrno.transferTimedOut:
      return new CameraError("no-answer", "io", `${label} did not answer while ${doing}`, {
        hint: "Unplug it, wait five seconds, plug it in again.",
      });
    case usbErrno.pipe:
    case usbErrno.transferStall:
      return new CameraError("no-answer", "io", `${label} refused a transfer while ${doing}`, {
        hint: "Open it again. When that does not help, unplug it and plug it in again.",
      });
    case usbErrno.overflow:
    case usbErrno.transferOverflow:
      return new CameraError("failed", "io", `${label} sent more than it was asked for while ${doing}`, {
        hint: "Open it again; when it happens often, try another cable or port.",
      });
    default:
      return new CameraError("failed", "io", `The connection to ${label} failed while ${doing} (USB error ${errno})`, {
        hint: "Check cable and plug, try another port without a hub, then open it again.",
      });
  }
}

/** Why a camera made for USB 3 is not opened on a slower port. */
export const slowPort = ({ label }: Pick<Subject, "label">): CameraError =>
  new CameraError("slow-port", "unsupported", `${label} is on a USB 2 port or cable, which carries a tenth of what it can send`, {
    hint: 'Plug it into a USB 3 port with a USB 3 cable, or set "allowSlowPort" and limit its event rate.',
  });
