import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { aedatDavis, aedatDvs128 } from "#main/units/encodings/aedat-address/aedat-address.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";

const RECORD = 8;
/** Records that are looked at. */
const LOOK = 1 << 16;
/** Share of addresses that has to speak for something: a few damaged ones must not. */
const SHARE = 0.01;

/** Largest coordinates that the addresses of the DAVIS family can hold. */
export const DAVIS_LIMIT: Sensor = { width: 1024, height: 512 };

/** What the addresses of a file tell about its camera. */
export interface AddressFindings {
  /** Addresses above 16 bits are those of the DAVIS family. */
  readonly encoding: Encoding;
  /** Numbers in bits 3-0 of pixel addresses: several where recordings of several cameras have been merged (DHP19). */
  readonly cameras: readonly number[];
}

/** Looks at the first addresses of a payload of eight-byte records. */
export async function lookAtAddresses(file: ByteSource, start: number): Promise<AddressFindings> {
  const bytes = await file.read(start, RECORD * LOOK);
  const records = Math.floor(bytes.length / RECORD);
  const numbers = new Array<number>(16).fill(0);
  let high = 0;
  let pixels = 0;
  for (let at = 0; at < records * RECORD; at += RECORD) {
    if ((bytes[at]! | bytes[at + 1]!) !== 0) high += 1;
    if ((bytes[at]! & 0x80) !== 0 || (bytes[at + 2]! & 4) !== 0) continue;
    numbers[bytes[at + 3]! & 15]! += 1;
    pixels += 1;
  }
  const cameras = numbers.flatMap((count, number) => (count > SHARE * pixels ? [number] : []));
  return { encoding: high > SHARE * records ? aedatDavis : aedatDvs128, cameras };
}
