import { AppError } from "#shared/api/errors.ts";
import { SLACK_US } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { dvsHeader } from "./header.ts";

const EVENT = 5;
/** Time that one overflow byte adds, µs; also the largest difference that an event can hold is one less. */
const OVERFLOW_US = 127;
/** A later first time is shifted to 0: a minute is half a megabyte of overflow bytes. */
const MAX_FIRST_US = 60_000_000;
/** Overflow bytes of a silence are written in runs of this length. */
const RUN = new Uint8Array(1 << 16).fill(0xff);
/** How often a growing file is handed to the disk (ms). */
const FLUSH_MS = 1000;

/**
 * Writes change events, origin bottom left. Differences of times are unsigned and count from 0, so a recording that begins below 0
 * or after a minute is shifted to begin at 0, and small steps back are moved up to the latest time; `notes` tells both.
 */
export async function eventStreamSink(file: ByteSink, sensor: Sensor): Promise<EventSink> {
  await file.write(dvsHeader(sensor));
  const lastRow = sensor.height - 1;
  let shift: number | undefined;
  let reached = 0;
  let moved = 0;
  let largest = 0;
  let buffer = new Uint8Array(0);
  let flushed = Date.now();

  /** Lets time pass without an event; what is buffered has been written. */
  async function silence(us: number): Promise<void> {
    for (let left = Math.floor(us / OVERFLOW_US); left > 0; left -= RUN.length)
      await file.write(RUN.subarray(0, Math.min(left, RUN.length)));
  }

  return {
    write: async ({ t0, words }) => {
      if (words.length === 0) return;
      const first = t0 + words[0]!;
      shift ??= first < 0 || first > MAX_FIRST_US ? first : 0;
      if (buffer.length < 4 * words.length) buffer = new Uint8Array(4 * words.length);
      let at = 0;
      for (let i = 0; i < words.length; i += 2) {
        const t = t0 + words[i]! - shift;
        if (t < reached) {
          if (reached - t > SLACK_US) throw falls(reached - t);
          moved += 1;
          largest = Math.max(largest, reached - t);
        }
        const delta = Math.max(0, t - reached);
        reached = Math.max(reached, t);
        if (at + EVENT + Math.floor(delta / OVERFLOW_US) > buffer.length) {
          await file.write(buffer.subarray(0, at));
          at = 0;
          await silence(delta);
        } else for (let left = delta; left >= OVERFLOW_US; left -= OVERFLOW_US) buffer[at++] = 0xff;
        const packed = words[i + 1]!;
        const x = packed & 0x3fff;
        const y = lastRow - ((packed >>> 14) & 0x3fff);
        buffer[at] = ((delta % OVERFLOW_US) << 1) | (packed >>> 28);
        buffer[at + 1] = x & 0xff;
        buffer[at + 2] = x >>> 8;
        buffer[at + 3] = y & 0xff;
        buffer[at + 4] = y >>> 8;
        at += EVENT;
      }
      await file.write(buffer.subarray(0, at));
      if (Date.now() - flushed < FLUSH_MS) return;
      flushed = Date.now();
      await file.flush();
    },
    notes: () => ({
      ...(shift === undefined || shift === 0 ? {} : { time_shift_us: String(-shift) }),
      ...(moved === 0 ? {} : { times_moved: `${moved} events, by at most ${largest} µs: Event Stream holds no times that fall` }),
    }),
    close: () => file.close(),
  };
}

const falls = (us: number): AppError =>
  new AppError("bad-argument", `The time falls by ${us} µs, which Event Stream cannot hold`, {
    hint: "Sort the events by time, or write the parts into files of their own.",
  });
