import type { Sensor } from "#shared/events/sensor.ts";
import type { EventColumns } from "../tables/columns.ts";
import type { EventType } from "./header.ts";

/** Events in a row beyond the sensor after which alignment is taken for lost: one bad byte shifts all that follow. */
const MAX_MISSES = 3;

/** Bytes of an event behind its opening byte. */
const BODY = { dvs: 4, atis: 4, color: 7 } as const;

/** How opening bytes are read: from `overflow` on a byte only adds time, `reserved` means nothing. */
const OPENING = {
  dvs: { overflow: 0xff, step: 127, reserved: 0xfe },
  atis: { overflow: 0xfc, step: 63, reserved: 0x100 },
  color: { overflow: 0xff, step: 254, reserved: 0xfe },
} as const;

/** Where a decoder stands; plain data, so that it can be kept as a place. */
export interface EsState {
  /** Time of the last event or overflow, µs. */
  t: number;
  /** Misses in a row. */
  misses: number;
}

/** What a decoder has come across beside events. */
export interface EsTally {
  outside: number;
  /** Threshold crossings of ATIS pixels, from which gray values follow. */
  exposures: number;
}

/**
 * Decodes the events of `bytes` into the columns until one of them is full. `lost` is the byte at which alignment was lost;
 * bytes of an event that has not come to its end are left over.
 */
export function decodeEvents(
  type: EventType,
  bytes: Uint8Array,
  { width, height }: Sensor,
  state: EsState,
  out: EventColumns,
  tally: EsTally,
): { readonly used: number; readonly lost?: number } {
  const { t: times, x: columns, y: rows, p } = out;
  const { overflow, step, reserved } = OPENING[type];
  const body = BODY[type];
  const capacity = times.length;
  const { length } = bytes;
  let { t, misses } = state;
  let { count } = out;
  let at = 0;
  let used = 0;
  let firstMiss = 0;
  let lost: number | undefined;
  while (at < length && count < capacity) {
    const opening = bytes[at]!;
    if (opening >= overflow) {
      t += type === "atis" ? step * (opening & 3) : step;
      at += 1;
      used = at;
      continue;
    }
    if (opening === reserved) {
      at += 1;
      used = at;
      continue;
    }
    if (at + 1 + body > length) break;
    const x = bytes[at + 1]! | (bytes[at + 2]! << 8);
    const y = bytes[at + 3]! | (bytes[at + 4]! << 8);
    const delta = type === "dvs" ? opening >>> 1 : type === "atis" ? opening >>> 2 : opening;
    if (x >= width || y >= height) {
      if (misses === 0) firstMiss = at;
      misses += 1;
      tally.outside += 1;
      if (misses === MAX_MISSES) {
        lost = firstMiss;
        break;
      }
    } else {
      misses = 0;
      if (type === "atis" && (opening & 1) === 1) tally.exposures += 1;
      else {
        times[count] = t + delta;
        columns[count] = x;
        rows[count] = y;
        p[count] = type === "dvs" ? opening & 1 : type === "atis" ? (opening >>> 1) & 1 : 1;
        count += 1;
      }
    }
    t += delta;
    at += 1 + body;
    used = at;
  }
  out.count = count;
  state.t = t;
  state.misses = misses;
  return { used, ...(lost === undefined ? {} : { lost }) };
}
