import { createPropheseeDriver } from "../prophesee/driver.ts";
import { genx320Params } from "../prophesee/params.ts";
import type { DriverParts } from "../session/open-device.ts";

/** Prophesee EVK3 320 with both revisions of its sensor, whose factory values differ: each range is what one of them allows. */
export const createEvk3320 = (parts: DriverParts) =>
  createPropheseeDriver(
    {
      id: "evk3-320",
      label: "Prophesee EVK3 320",
      summary: "Prophesee EVK3 with the GenX320 sensor (320 × 320); sends EVT 2.1.",
      params: genx320Params({
        biasDiffOn: [-16, 35],
        biasDiffOff: [-21, 22],
        biasFo: [-15, 10],
        biasHpf: [-40, 127],
        biasRefr: [-82, 117],
        biasDiff: [-10, 0],
      }),
    },
    parts,
  );
