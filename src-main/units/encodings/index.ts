import { aedatDavis, aedatDvs128, aedatDvs128Short } from "./aedat-address/aedat-address.ts";
import { aedat4Events } from "./aedat4-events/aedat4-events.ts";
import { atis5byte } from "./atis-5byte/atis-5byte.ts";
import { dat, datTriggers, datV1 } from "./dat/dat.ts";
import { davisUsb } from "./davis-usb/davis-usb.ts";
import { dvs128Usb } from "./dvs128-usb/dvs128-usb.ts";
import { dvxplorerMiniUsb } from "./dvxplorer-mini-usb/dvxplorer-mini-usb.ts";
import { dvxplorerUsb } from "./dvxplorer-usb/dvxplorer-usb.ts";
import type { Encoding } from "./encoding.ts";
import { evt2 } from "./evt2/evt2.ts";
import { evt21, evt21Legacy } from "./evt21/evt21.ts";
import { evt3 } from "./evt3/evt3.ts";
import { evt4 } from "./evt4/evt4.ts";

/** All encodings. The list is explicit; nothing scans folders at run time. */
export const encodings: readonly Encoding[] = [
  evt3,
  evt2,
  evt21,
  evt21Legacy,
  evt4,
  atis5byte,
  dat,
  datV1,
  datTriggers,
  aedatDvs128,
  aedatDvs128Short,
  aedatDavis,
  aedat4Events,
  davisUsb,
  dvxplorerUsb,
  dvxplorerMiniUsb,
  dvs128Usb,
];
