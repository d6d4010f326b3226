const key = (vendorId: number, productId: number): number => vendorId * 0x1_0000 + productId;

/** What is known of a camera by its USB numbers alone. */
export interface KnownCamera {
  readonly vendorId: number;
  readonly productId: number;
  /** Boards that share numbers are named together. */
  readonly label: string;
  /** The only list of who speaks with it; `none`: recognised, no driver. */
  readonly family: "prophesee" | "inivation" | "none";
}

/** Event cameras by vendor and product number: the only list. `packaging/linux/70-saccade.rules` has the same numbers. */
export const knownCameras: readonly KnownCamera[] = [
  { vendorId: 0x04b4, productId: 0x00f4, label: "Prophesee EVK3 or EVK4", family: "prophesee" },
  { vendorId: 0x04b4, productId: 0x00f5, label: "Prophesee EVK3 or EVK4", family: "prophesee" },
  { vendorId: 0x31f7, productId: 0x0002, label: "CenturyArks SilkyEvCam VGA", family: "none" },
  { vendorId: 0x31f7, productId: 0x0003, label: "CenturyArks SilkyEvCam HD", family: "prophesee" },
  { vendorId: 0x31f7, productId: 0x0004, label: "CenturyArks SilkyEvCam HD Lite", family: "none" },
  { vendorId: 0x1409, productId: 0x8e00, label: "IDS uEye XCP-E", family: "prophesee" },
  { vendorId: 0x152a, productId: 0x8400, label: "iniVation DVS128", family: "inivation" },
  { vendorId: 0x152a, productId: 0x8419, label: "iniVation DVXplorer", family: "inivation" },
  { vendorId: 0x152a, productId: 0x841a, label: "iniVation DAVIS346", family: "inivation" },
  { vendorId: 0x152a, productId: 0x841b, label: "iniVation DAVIS240", family: "none" },
];

const byNumbers = new Map(knownCameras.map((camera) => [key(camera.vendorId, camera.productId), camera]));

/** The camera with these numbers; `undefined` for keyboards and everything else. */
export const knownCamera = (vendorId: number, productId: number): KnownCamera | undefined =>
  byNumbers.get(key(vendorId, productId));

/** A number as USB tools print it: four hexadecimal digits. */
export const usbNumber = (value: number): string => value.toString(16).padStart(4, "0");

/** What messages call a device. */
export const usbLabel = (vendorId: number, productId: number): string =>
  knownCamera(vendorId, productId)?.label ?? `USB device ${usbNumber(vendorId)}:${usbNumber(productId)}`;
