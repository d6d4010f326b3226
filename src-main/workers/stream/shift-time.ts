import type { Beside, Frame } from "#shared/events/beside.ts";
import type { EventPacket } from "#shared/events/packet.ts";

type Span = { readonly start: number; readonly end: number };
/** A time on another clock, µs. */
type OtherTime = (t: number) => number;

const moveSpan = ({ start, end }: Span, at: OtherTime): Span => ({ start: at(start), end: at(end) });

const moveFrame = (frame: Frame, at: OtherTime): Frame => ({
  ...frame,
  t: at(frame.t),
  ...(frame.exposure !== undefined && { exposure: moveSpan(frame.exposure, at) }),
  ...(frame.readout !== undefined && { readout: moveSpan(frame.readout, at) }),
});

const moveBeside = ({ triggers, frames, imu }: Beside, at: OtherTime): Beside => ({
  ...(triggers !== undefined && { triggers: triggers.map((trigger) => ({ ...trigger, t: at(trigger.t) })) }),
  ...(frames !== undefined && { frames: frames.map((frame) => moveFrame(frame, at)) }),
  ...(imu !== undefined && { imu: imu.map((sample) => ({ ...sample, t: at(sample.t) })) }),
});

/** The same events and what lies beside them, later by so much; the words are shared with the packet that was given. */
export function movedBy(packet: EventPacket, shiftUs: number): EventPacket {
  if (shiftUs === 0) return packet;
  const { beside, t0 } = packet;
  return {
    ...packet,
    t0: t0 + shiftUs,
    ...(beside !== undefined && { beside: moveBeside(beside, (t) => t + shiftUs) }),
  };
}

/** The same events on a clock that runs `rate` times as fast and says `zero` when this one says `t`; times are rounded to whole µs. */
export function onClock(
  packet: EventPacket,
  clock: { readonly t: number; readonly zero: number; readonly rate: number },
): EventPacket {
  const { t, zero, rate } = clock;
  const at = (time: number): number => Math.round(zero + (time - t) * rate);
  const { beside, t0, words } = packet;
  const start = at(t0);
  const moved = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i += 2) {
    moved[i] = Math.round(zero + (t0 + (words[i] ?? 0) - t) * rate) - start;
    moved[i + 1] = words[i + 1] ?? 0;
  }
  return { ...packet, t0: start, words: moved, ...(beside !== undefined && { beside: moveBeside(beside, at) }) };
}
