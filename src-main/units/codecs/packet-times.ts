import type { EventPacket } from "#shared/events/packet.ts";

/** Earliest and latest time of a packet's events (µs), which need not be the first and the last one's; `undefined` in silence. */
export function timesOf({ t0, words }: EventPacket): { readonly earliest: number; readonly latest: number } | undefined {
  const { length } = words;
  if (length === 0) return undefined;
  let low = 0xffff_ffff;
  let high = 0;
  for (let i = 0; i < length; i += 2) {
    const offset = words[i]!;
    if (offset < low) low = offset;
    if (offset > high) high = offset;
  }
  return { earliest: t0 + low, latest: t0 + high };
}

/** The events with `from <= t < to`, in their order: a view where they lie together, a copy where times step back over an end. */
export function cutPacket(packet: EventPacket, from: number, to: number): EventPacket {
  const times = timesOf(packet);
  if (times === undefined || (times.earliest >= from && times.latest < to)) return packet;
  const { t0, words } = packet;
  if (times.latest < from || times.earliest >= to) return { t0, words: words.subarray(0, 0) };
  let first = 0;
  let end = words.length;
  while (first < end && !(t0 + words[first]! >= from && t0 + words[first]! < to)) first += 2;
  while (end > first && !(t0 + words[end - 2]! >= from && t0 + words[end - 2]! < to)) end -= 2;
  const part = words.subarray(first, end);
  let outside = false;
  for (let i = 0; i < part.length && !outside; i += 2) outside = t0 + part[i]! < from || t0 + part[i]! >= to;
  if (!outside) return { t0, words: part };
  const kept = new Uint32Array(part.length);
  let length = 0;
  for (let i = 0; i < part.length; i += 2) {
    const t = t0 + part[i]!;
    if (t < from || t >= to) continue;
    kept[length++] = part[i]!;
    kept[length++] = part[i + 1]!;
  }
  return { t0, words: kept.subarray(0, length) };
}
