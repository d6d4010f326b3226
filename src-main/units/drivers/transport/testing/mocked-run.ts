import { createRealDrivers } from "#main/units/drivers/real-drivers.ts";
import { parseParams } from "#shared/units/params.ts";
import { systemUsb } from "../node-usb.ts";

/**
 * Opens the first real camera through the real USB library, takes so many bytes of events and closes it: run under `umockdev-run`.
 * Prints what it saw as JSON.
 */
const [driverId, wantedText, paramsText = "{}"] = process.argv.slice(2);
const wanted = Number(wantedText);
const drivers = createRealDrivers(systemUsb, () => Promise.resolve());
const listed = (await Promise.all(drivers.map((driver) => driver.list()))).flat();
const driver = drivers.find(({ id }) => id === driverId);
const device = listed.find((one) => one.driver === driverId);
if (driver === undefined || device === undefined) throw new Error(`listed: ${JSON.stringify(listed)}`);
const camera = await driver.open(
  device.id,
  parseParams(driver.params, JSON.parse(paramsText) as Record<string, unknown>, "mocked run"),
);
const chunks: Uint8Array[] = [];
let length = 0;
const end = await new Promise<Error | undefined>((resolve) => {
  camera.start((chunk) => {
    chunks.push(chunk.slice());
    length += chunk.length;
    if (length >= wanted) resolve(undefined);
  }, resolve);
});
await camera.stop();
console.log(
  JSON.stringify({ listed, end: end?.message, bytes: Buffer.concat(chunks).toString("hex"), metadata: camera.metadata }),
);
