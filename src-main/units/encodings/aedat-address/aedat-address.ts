import type { Encoding } from "../encoding.ts";
import { createAddressDecoder, type AddressLayout } from "./decoder.ts";
import { createAddressEncoder } from "./encoder.ts";

/** An encoding of this family; complete, so that callers need not ask for its encoder. */
function unit(id: string, label: string, summary: string, layout: AddressLayout): Required<Omit<Encoding, "preamble">> {
  return {
    id,
    label,
    summary,
    params: {},
    wordBytes: layout.addressBytes + 4,
    createDecoder: (sensor, state) => createAddressDecoder(layout, sensor, state),
    createEncoder: (sensor) => createAddressEncoder(layout, sensor),
  };
}

/** Records of AEDAT 2 with addresses of the DVS128. */
export const aedatDvs128 = unit(
  "aedat-dvs128",
  "AEDAT, DVS128",
  "Eight bytes an event: a 32-bit address of the DVS128 and a 32-bit time, big-endian (Lichtsteiner et al. 2008, doi:10.1109/JSSC.2007.914337).",
  { family: "dvs128", addressBytes: 4 },
);

/** Records of AEDAT 1. */
export const aedatDvs128Short = unit(
  "aedat-dvs128-6byte",
  "AEDAT, DVS128 in 6 bytes",
  "Six bytes an event: a 16-bit address of the DVS128 and a 32-bit time, big-endian.",
  { family: "dvs128", addressBytes: 2 },
);

/** Records of AEDAT 2 with addresses of the DAVIS family. */
export const aedatDavis = unit(
  "aedat-davis",
  "AEDAT, DAVIS",
  "Eight bytes an event, a pixel of a frame or a part of an inertial reading (Brandli et al. 2014, doi:10.1109/JSSC.2014.2342715).",
  { family: "davis", addressBytes: 4 },
);
