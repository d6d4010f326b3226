import { imx636Offsets } from "../prophesee/biases.ts";
import { createPropheseeDriver, type DriverParts } from "../prophesee/driver.ts";
import { hdParams } from "../prophesee/params.ts";

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
