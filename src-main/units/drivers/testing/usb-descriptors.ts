/** An endpoint as its descriptor tells of it. */
export interface EndpointShape {
  readonly address: number;
  readonly type: "bulk" | "interrupt";
  readonly maxPacket: number;
  /** Packets in one go after the first, at super speed. */
  readonly burst?: number;
}

const toHex = (...bytes: readonly number[]): string => Buffer.from(bytes).toString("hex");
const le16 = (value: number): readonly [number, number] => [value & 0xff, value >> 8];

/** The device's descriptor in hexadecimal (USB 2.0 specification, table 9-8): strings 1 to 3 are maker, product and serial number. */
export function deviceDescriptor(device: {
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  readonly speed: "super" | "high";
}): string {
  const [usb, packet] = device.speed === "super" ? [0x0300, 9] : [0x0200, 64];
  const { vendorId, productId, release } = device;
  return toHex(18, 1, ...le16(usb), 0, 0, 0, packet, ...le16(vendorId), ...le16(productId), ...le16(release), 1, 2, 3, 1);
}

/** One configuration with one interface in hexadecimal (USB 3.2 specification, tables 9-23 to 9-29). */
export function configurationDescriptor(
  [interfaceClass, subclass, protocol]: readonly [number, number, number],
  endpoints: readonly EndpointShape[],
  speed: "super" | "high",
): string {
  const parts = endpoints.flatMap(({ address, type, maxPacket, burst = 0 }) => {
    const every = type === "interrupt" ? (speed === "super" ? 4 : 1) : 0;
    const endpoint = [7, 5, address, type === "bulk" ? 2 : 3, ...le16(maxPacket), every];
    return speed === "super" ? [...endpoint, 6, 0x30, burst, 0, 0, 0] : endpoint;
  });
  const body = [9, 4, 0, 0, endpoints.length, interfaceClass, subclass, protocol, 0, ...parts];
  return toHex(9, 2, ...le16(9 + body.length), 1, 1, 0, 0x80, 0x70, ...body);
}

/** What devices for USB 3 say about themselves beside that: which speeds they know (USB 3.2 specification, section 9.6.2). */
export const bosDescriptor = (): Uint8Array =>
  new Uint8Array([5, 15, 22, 0, 2, 7, 16, 2, 0, 0, 0, 0, 10, 16, 3, 0, 0x0e, 0, 1, 10, 0xff, 0x07]);
