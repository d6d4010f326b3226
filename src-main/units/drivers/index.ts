import type { Driver } from "./driver.ts";
import { createRealDrivers } from "./real-drivers.ts";
import { systemFacts } from "./recognition/usb-system.ts";
import { pauseUs } from "./session/session.ts";
import { developmentUsb } from "./transport/development-usb.ts";
import { systemUsb } from "./transport/node-usb.ts";
import { virtual } from "./virtual/virtual.ts";

const emulated = await developmentUsb();
const real =
  emulated === undefined
    ? createRealDrivers(systemUsb, pauseUs, systemFacts())
    : createRealDrivers(emulated.bus, pauseUs, emulated.system);

/** All drivers. The list is explicit; nothing scans folders at run time. */
export const drivers: readonly Driver[] = [...real, virtual];
