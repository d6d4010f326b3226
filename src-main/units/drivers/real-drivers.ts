import { createDavis346 } from "./davis346/davis346.ts";
import type { Driver } from "./driver.ts";
import { createDvs128 } from "./dvs128/dvs128.ts";
import { createDvxplorerMini } from "./dvxplorer-mini/dvxplorer-mini.ts";
import { createDvxplorer } from "./dvxplorer/dvxplorer.ts";
import { createEvk3320 } from "./evk3-320/evk3-320.ts";
import { createEvk3Hd } from "./evk3-hd/evk3-hd.ts";
import { createEvk4 } from "./evk4/evk4.ts";
import { identifyInivation } from "./inivation/identify.ts";
import { identifyProphesee } from "./prophesee/identify.ts";
import { createRecognition } from "./recognition/recognition.ts";
import type { UsbSystem } from "./recognition/usb-system.ts";
import type { Pause } from "./session/open-device.ts";
import type { UsbBus } from "./transport/transport.ts";
import { createUsbRecognition } from "./usb-recognition/usb-recognition.ts";

/** The drivers of real cameras on a bus. They share one look at it. */
export function createRealDrivers(bus: UsbBus, pause: Pause, system?: UsbSystem): readonly Driver[] {
  const families = { prophesee: identifyProphesee(pause), inivation: identifyInivation };
  const recognition = createRecognition(bus, families, system);
  const parts = { recognition, pause };
  return [
    createEvk4(parts),
    createEvk3Hd(parts),
    createEvk3320(parts),
    createDavis346(parts),
    createDvxplorer(parts),
    createDvxplorerMini(parts),
    createDvs128(parts),
    createUsbRecognition(recognition),
  ];
}
