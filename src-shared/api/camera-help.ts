import type { CameraHolder, CameraObstacle, DeviceInfo, UsbPlace } from "./devices.ts";

/** What the connection assistant says of one camera, in the window and on the command line. */
export interface CameraHelp {
  /** Id of the device; empty where there is none. */
  readonly id: string;
  readonly obstacle: CameraObstacle | "no-camera";
  /** What is wrong with which camera. */
  readonly title: string;
  /** Why it is so, and what it costs where the camera works all the same. */
  readonly why: string;
  /** What to do, in this order. */
  readonly steps: readonly string[];
  /** Linux: the rule that gives access, and where it goes. */
  readonly rule?: UdevRule;
}

/** A rule of udev for one kind of camera. */
export interface UdevRule {
  readonly path: string;
  readonly line: string;
  /** For a terminal: writes the rule and has it applied at once. */
  readonly command: string;
}

const NUMBER = /^[0-9a-f]{4}$/;

/**
 * The rule for a vendor and product number, in a file of its own, so that none replaces another. Its number stays below 73, where
 * the tag is acted upon.
 * @throws RangeError for what is no number of USB: it goes into a file of the system.
 */
export function udevRuleFor({ vendorId, productId }: Pick<UsbPlace, "vendorId" | "productId">): UdevRule {
  if (!NUMBER.test(vendorId) || !NUMBER.test(productId)) throw new RangeError(`${vendorId}:${productId} are no USB numbers`);
  const path = `/etc/udev/rules.d/70-saccade-${vendorId}-${productId}.rules`;
  const line = `SUBSYSTEM=="usb", ATTR{idVendor}=="${vendorId}", ATTR{idProduct}=="${productId}", MODE="0660", TAG+="uaccess"`;
  const apply = `udevadm trigger --subsystem-match=usb --attr-match=idVendor=${vendorId} --attr-match=idProduct=${productId}`;
  return { path, line, command: `echo '${line}' | sudo tee ${path} && sudo udevadm control --reload-rules && sudo ${apply}` };
}

const holdersText = (holders: readonly CameraHolder[]): string =>
  holders.map(({ program, pid }) => `${program} (process ${pid})`).join(" and ");

const deviceFile = ({ key }: UsbPlace): string =>
  `/dev/bus/usb/${key
    .split("-")
    .map((part) => part.padStart(3, "0"))
    .join("/")}`;

const REPLUG = "Unplug the camera, wait five seconds, plug it in again.";
const OTHER_PORT = "Try another port, directly at the computer, and the cable that came with the camera.";
const VENDOR_PROGRAM = "Record with the vendor's program meanwhile; its files open here.";

type Words = { readonly why: string; readonly steps: readonly string[] };

function permissionWords({ ruleFile }: DeviceInfo): Words {
  return {
    why: "Linux lets only the administrator open a USB camera until a rule allows it to whoever sits at the computer.",
    steps:
      ruleFile === undefined
        ? [
            "Put the rule in its place: Saccade can do it in the window, or the command does it in a terminal.",
            "When it still may not be opened: unplug the camera and plug it in again.",
          ]
        : [
            `A rule for it is there already (${ruleFile}): unplug the camera and plug it in again.`,
            "The rule gives access to whoever sits at the computer. Over a remote connection, start Saccade from a session at its screen.",
          ],
  };
}

function busyWords({ holders = [], usb }: DeviceInfo, platform: string): Words {
  const hidden =
    usb === undefined || platform !== "linux"
      ? "Close the other program: a vendor's viewer, or another Saccade."
      : `Close the other program: a vendor's viewer, or another Saccade. It belongs to another user, so its name is hidden; this tells it: sudo fuser -v ${deviceFile(usb)}`;
  return {
    why:
      holders.length === 0
        ? "A camera can be used by one program at a time."
        : `A camera can be used by one program at a time. Now it is ${holdersText(holders)}.`,
    steps: [holders.length === 0 ? hidden : `Close ${holdersText(holders)}.`, "The camera is ready here as soon as it is free."],
  };
}

const wrongDriverWords = ({ label, usb }: DeviceInfo): Words => ({
  why: "Windows has given the camera a driver that other programs cannot use. It needs WinUSB.",
  steps: [
    "Run the vendor's driver installer, or Zadig (zadig.akeo.ie).",
    `In Zadig: Options, List All Devices; choose ${label}${usb === undefined ? "" : ` (${usb.vendorId} ${usb.productId})`}.`,
    "Choose WinUSB, not libusb0 and not libusbK, and press Replace Driver.",
    "Unplug the camera and plug it in again.",
  ],
});

const SLOW_WORDS: Words = {
  why: "USB 2 carries about 35 MB/s, a tenth of USB 3: some 8 million single events a second. What the sensor sends beyond that is lost inside the camera, and not all of it can be counted.",
  steps: [
    "Plug it into a USB 3 port (blue, or marked SS) with a USB 3 cable, without a hub.",
    'Or open it all the same (setting "Open on a USB 2 port") and limit its event rate.',
  ],
};

function wordsOf(device: DeviceInfo, obstacle: CameraObstacle, platform: string): Words {
  const { remedy } = device;
  const own = remedy === undefined ? [] : [remedy];
  switch (obstacle) {
    case "no-permission":
      return permissionWords(device);
    case "busy":
      return busyWords(device, platform);
    case "wrong-driver":
      return wrongDriverWords(device);
    case "slow-port":
      return SLOW_WORDS;
    case "unknown-firmware":
      return { why: "This version was made for other firmware or another sensor.", steps: [...own, VENDOR_PROGRAM] };
    case "no-driver":
      return { why: "The camera is known by its numbers only.", steps: [VENDOR_PROGRAM] };
    case "no-answer":
      return { why: "The camera is there, but does not answer as it should.", steps: [REPLUG, OTHER_PORT] };
    case "unplugged":
      return {
        why: "It left while it was looked at: the cable was pulled, or the port cannot feed it.",
        steps: ["Plug it in again; it opens by itself.", OTHER_PORT],
      };
    case "no-usb":
      return { why: "Without it no real camera can be seen. Virtual cameras and recordings work.", steps: own };
    case "failed":
      return { why: "The connection failed in a way that has no name of its own.", steps: [...own, REPLUG, OTHER_PORT] };
  }
}

/** Why a camera cannot be used, or not fully, and what to do about it; `undefined` for one that is in order. */
export function explainCamera(device: DeviceInfo, platform: string): CameraHelp | undefined {
  const { id, label, reason, usb } = device;
  const obstacle = device.obstacle ?? (usb?.slow === true ? "slow-port" : undefined);
  if (obstacle === undefined) return undefined;
  return {
    id,
    obstacle,
    title: reason ?? (obstacle === "slow-port" ? `${label} is on a USB 2 port or cable` : label),
    ...wordsOf(device, obstacle, platform),
    ...(obstacle === "no-permission" && usb !== undefined && { rule: udevRuleFor(usb) }),
  };
}

/** What to try when no real camera is there. */
const noCamera = (platform: string): CameraHelp => ({
  id: "",
  obstacle: "no-camera",
  title: "No camera is plugged in",
  why: "No event camera that Saccade knows is on the USB of this computer.",
  steps: [
    "Plug the camera into a USB 3 port, directly at the computer. It appears within seconds, by itself.",
    "When the lamp on it stays dark: try another cable and another port.",
    platform === "linux"
      ? "In a terminal, lsusb shows whether the computer sees it at all. A container or virtual machine needs the USB handed through."
      : "See whether the system lists it among its USB devices. A virtual machine needs the USB handed through.",
  ],
});

/** Everything the assistant has to say: a trouble of each camera, or that there is none. Empty when all is in order. */
export function explainCameras(devices: readonly DeviceInfo[], platform: string): readonly CameraHelp[] {
  if (devices.every(({ virtual }) => virtual)) return [noCamera(platform)];
  return devices.flatMap((device) => explainCamera(device, platform) ?? []);
}

/** The same as lines of text, as the command line prints them. */
export const helpLines = ({ title, why, steps, rule }: CameraHelp): readonly string[] => [
  title,
  `  ${why}`,
  ...steps.map((step, i) => `  ${i + 1}. ${step}`),
  ...(rule === undefined ? [] : [`  Rule (${rule.path}):`, `    ${rule.line}`, "  Command:", `    ${rule.command}`]),
];
