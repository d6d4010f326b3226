import { imx636Offsets } from "../prophesee/biases.ts";
import { createPropheseeDriver } from "../prophesee/driver.ts";
import { hdParams } from "../prophesee/params.ts";
import type { DriverParts } from "../session/open-device.ts";

/** Prophesee EVK4 HD and the cameras that are built like it. */
export const createEvk4 = (parts: DriverParts) =>
  createPropheseeDriver(
    {
      id: "evk4",
      label: "Prophesee EVK4 HD",
      summary:
        "Cameras with the Sony IMX636 sensor (1280 × 720): Prophesee EVK4 HD, CenturyArks SilkyEvCam HD, IDS uEye XCP-E; sends EVT 3.0.",
      params: hdParams(imx636Offsets),
    },
    parts,
  );
