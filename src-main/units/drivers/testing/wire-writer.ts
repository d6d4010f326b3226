import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { rowsOf } from "#main/units/encodings/testing/events.ts";
import {
  davisWriter,
  dvs128Writer,
  dvxplorerWriter,
  miniBytes,
  type WordWriter,
} from "#main/units/encodings/testing/inivation-words.ts";
import { evt21Bytes } from "#main/units/encodings/testing/prophesee-words.ts";

/** Writes a stream of packets as a camera sends it. The bytes are lent until the next call. */
export type WireWriter = (packet: EventPacket) => Uint8Array;

const makers: Readonly<Record<string, () => WordWriter>> = {
  evt21: () => (rows) => evt21Bytes({ rows }, "little"),
  "davis-usb": davisWriter,
  "dvxplorer-usb": dvxplorerWriter,
  "dvxplorer-mini-usb": () => miniBytes,
  "dvs128-usb": dvs128Writer,
};

/** The writer for what a camera of this encoding sends. */
export function wireWriter(encoding: string, sensor: Sensor): WireWriter {
  if (encoding === "evt3") {
    const encoder = evt3.createEncoder(sensor);
    return (packet) => encoder.encode(packet);
  }
  const make = makers[encoding];
  if (make === undefined) throw new Error(`nothing writes "${encoding}"`);
  const write = make();
  return (packet) => write(rowsOf(packet));
}
