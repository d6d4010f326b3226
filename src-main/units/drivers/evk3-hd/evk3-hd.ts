import { imx636Offsets } from "../prophesee/biases.ts";
import { createPropheseeDriver } from "../prophesee/driver.ts";
import { hdParams } from "../prophesee/params.ts";
import type { DriverParts } from "../session/open-device.ts";

/** Offsets that make sense for one of both sensors; the smaller ranges of Gen4.1 are judged when it is known which one it is. */
const params = hdParams({
  ...imx636Offsets,
  biasDiffOff: [-35, 190],
  biasRefr: [-48, 235],
  biasDiff: [-28, 23],
});

/** Prophesee EVK3 HD with either of its sensors. */
export const createEvk3Hd = (parts: DriverParts) =>
  createPropheseeDriver(
    {
      id: "evk3-hd",
      label: "Prophesee EVK3 HD",
      summary: "Prophesee EVK3 HD with the Gen4.1 or the Sony IMX636 sensor (1280 × 720); sends EVT 3.0.",
      params: {
        ...params,
        biasDiffOff: {
          ...params.biasDiffOff,
          help: "IMX636: higher, fewer OFF events. Gen4.1: lower, fewer OFF events. Offset from the factory value; 0 leaves it.",
        },
      },
    },
    parts,
  );
