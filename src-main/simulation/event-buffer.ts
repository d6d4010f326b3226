import type { PacketWriter } from "#shared/events/packet-writer.ts";

/**
 * Events of one step, put in order of time. Pixels are visited row by row but cross their thresholds at any time
 * within the step; a counting sort over the microseconds of the step puts that right in linear time and keeps the
 * order of rows among events of one microsecond.
 */
export interface EventBuffer {
  /** Number of events of the step that wait. */
  readonly count: number;
  /** Adds an event `offset` µs after the beginning of the step. */
  add(offset: number, xyp: number): void;
  /** Ends the step of `spanUs` beginning at `startUs`: what was added becomes readable in order. */
  close(startUs: number, spanUs: number): void;
  /** Hands over the closed events before `untilUs`. */
  drain(untilUs: number, out: PacketWriter): void;
  /** Whether closed events are left. */
  readonly pending: boolean;
}

/** Longest step, µs: the counting sort keeps one counter for each microsecond. */
export const MAX_STEP_US = 50_000;

/**
 * An empty buffer.
 * @param readoutUs times are brought down to multiples of this, and rows come in order within one: so do sensors
 * that scan their rows instead of arbitrating between them.
 */
export function createEventBuffer(readoutUs = 1): EventBuffer {
  let offsets = new Uint32Array(4096);
  let words = new Uint32Array(4096);
  let sortedOffsets = new Uint32Array(4096);
  let sortedWords = new Uint32Array(4096);
  const counters = new Uint32Array(MAX_STEP_US + 1);
  let count = 0;
  let start = 0;
  let read = 0;
  let ready = 0;

  const grow = (array: Uint32Array): Uint32Array<ArrayBuffer> => {
    const larger = new Uint32Array(2 * array.length);
    larger.set(array);
    return larger;
  };

  return {
    get count() {
      return count;
    },
    get pending() {
      return read < ready;
    },
    add(offset, xyp) {
      if (count === offsets.length) {
        offsets = grow(offsets);
        words = grow(words);
      }
      offsets[count] = offset;
      words[count] = xyp;
      count++;
    },
    close(startUs, spanUs) {
      if (read < ready) throw new RangeError("event buffer: close() while events of the last step are waiting");
      if (sortedOffsets.length < count) {
        sortedOffsets = new Uint32Array(offsets.length);
        sortedWords = new Uint32Array(offsets.length);
      }
      if (readoutUs > 1) {
        for (let i = 0; i < count; i++) {
          const offset = offsets[i] ?? 0;
          const late = (startUs + offset) % readoutUs;
          offsets[i] = offset > late ? offset - late : 0;
        }
      }
      counters.fill(0, 0, spanUs + 1);
      for (let i = 0; i < count; i++) {
        const slot = (offsets[i] ?? 0) + 1;
        counters[slot] = (counters[slot] ?? 0) + 1;
      }
      for (let i = 1; i <= spanUs; i++) counters[i] = (counters[i] ?? 0) + (counters[i - 1] ?? 0);
      for (let i = 0; i < count; i++) {
        const offset = offsets[i] ?? 0;
        const place = counters[offset] ?? 0;
        counters[offset] = place + 1;
        sortedOffsets[place] = offset;
        sortedWords[place] = words[i] ?? 0;
      }
      start = startUs;
      read = 0;
      ready = count;
      count = 0;
    },
    drain(untilUs, out) {
      const limit = untilUs - start;
      while (read < ready) {
        const offset = sortedOffsets[read] ?? 0;
        if (offset >= limit) return;
        out.push(start + offset, sortedWords[read] ?? 0);
        read++;
      }
    },
  };
}
