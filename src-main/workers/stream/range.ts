import type { TimeRange } from "#shared/events/sensor.ts";
import type { OpenRecording } from "#main/units/codecs/codec.ts";

/** The span of a recording: as the codec knows it, else by reading all of it once. */
export async function rangeOf(recording: Pick<OpenRecording, "info" | "read">, signal?: AbortSignal): Promise<TimeRange> {
  if (recording.info.range !== undefined) return recording.info.range;
  let start = Infinity;
  let end = -Infinity;
  for await (const packet of recording.read(signal === undefined ? {} : { signal })) {
    const { words, t0 } = packet;
    for (let i = 0; i < words.length; i += 2) {
      const t = t0 + (words[i] ?? 0);
      if (t < start) start = t;
      if (t >= end) end = t + 1;
    }
  }
  signal?.throwIfAborted();
  return start < end ? { start, end } : { start: 0, end: 0 };
}
