/** A transfer as the kernel's monitor sees it: when it was handed over, or when it came back. */
export interface Urb {
  readonly id: number;
  readonly event: "S" | "C";
  readonly type: "control" | "bulk" | "interrupt";
  readonly endpoint: number;
  readonly setup?: Uint8Array;
  readonly lengthBytes: number;
  readonly data: Uint8Array;
}

const HEADER_BYTES = 64;
const LINK_TYPE_USB_MMAPPED = 220;
const IN_PROGRESS = -115;
const TYPES = { interrupt: 1, control: 2, bulk: 3 } as const;

/** A capture as a pcap file with link type 220. */
export function captureOf(urbs: readonly Urb[], busNumber: number, deviceNumber: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(24));
  head.setUint32(0, 0xa1b2_c3d4, true);
  head.setUint16(4, 2, true);
  head.setUint16(6, 4, true);
  head.setUint32(16, 0x4_0000, true);
  head.setUint32(20, LINK_TYPE_USB_MMAPPED, true);
  const packets = urbs.map((urb, at) => packetOf(urb, at, busNumber, deviceNumber));
  return new Uint8Array(Buffer.concat([new Uint8Array(head.buffer), ...packets]));
}

/** Layout: Documentation/usb/usbmon.rst of the Linux kernel. */
function packetOf(urb: Urb, at: number, busNumber: number, deviceNumber: number): Uint8Array {
  const packet = new Uint8Array(16 + HEADER_BYTES + urb.data.length);
  const record = new DataView(packet.buffer, 0, 16);
  record.setUint32(4, at, true);
  record.setUint32(8, HEADER_BYTES + urb.data.length, true);
  record.setUint32(12, HEADER_BYTES + urb.data.length, true);
  const view = new DataView(packet.buffer, 16);
  const submit = urb.event === "S";
  const inward = (urb.endpoint & 0x80) !== 0;
  view.setBigUint64(0, BigInt(urb.id), true);
  view.setUint8(8, urb.event.charCodeAt(0));
  view.setUint8(9, TYPES[urb.type]);
  view.setUint8(10, urb.endpoint);
  view.setUint8(11, deviceNumber);
  view.setUint16(12, busNumber, true);
  view.setUint8(14, submit && urb.setup !== undefined ? 0 : 0x2d);
  const hasData = submit ? !inward : inward;
  view.setUint8(15, hasData ? 0 : inward ? 0x3c : 0x3e);
  view.setInt32(24, at, true);
  view.setInt32(28, submit ? IN_PROGRESS : 0, true);
  view.setUint32(32, submit ? urb.lengthBytes : inward ? urb.data.length : urb.lengthBytes, true);
  view.setUint32(36, urb.data.length, true);
  if (submit && urb.setup !== undefined) packet.set(urb.setup, 16 + 40);
  packet.set(urb.data, 16 + HEADER_BYTES);
  return packet;
}
