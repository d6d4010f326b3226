import type { Driver } from "./driver.ts";
import { usbRecognition } from "./usb-recognition/usb-recognition.ts";
import { virtual } from "./virtual/virtual.ts";

/** All drivers. The list is explicit; nothing scans folders at run time. */
export const drivers: readonly Driver[] = [usbRecognition, virtual];
