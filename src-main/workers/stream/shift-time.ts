import type { Beside, Frame } from "#shared/events/beside.ts";
import type { EventPacket } from "#shared/events/packet.ts";

type Span = { readonly start: number; readonly end: number };

const moveSpan = ({ start, end }: Span, shiftUs: number): Span => ({ start: start + shiftUs, end: end + shiftUs });

const moveFrame = (frame: Frame, shiftUs: number): Frame => ({
  ...frame,
  t: frame.t + shiftUs,
  ...(frame.exposure !== undefined && { exposure: moveSpan(frame.exposure, shiftUs) }),
  ...(frame.readout !== undefined && { readout: moveSpan(frame.readout, shiftUs) }),
});

const moveBeside = ({ triggers, frames, imu }: Beside, shiftUs: number): Beside => ({
  ...(triggers !== undefined && { triggers: triggers.map((trigger) => ({ ...trigger, t: trigger.t + shiftUs })) }),
  ...(frames !== undefined && { frames: frames.map((frame) => moveFrame(frame, shiftUs)) }),
  ...(imu !== undefined && { imu: imu.map((sample) => ({ ...sample, t: sample.t + shiftUs })) }),
});

/** The same events and what lies beside them, later by so much; the words are shared with the packet that was given. */
export function movedBy(packet: EventPacket, shiftUs: number): EventPacket {
  if (shiftUs === 0) return packet;
  const { beside, t0 } = packet;
  return { ...packet, t0: t0 + shiftUs, ...(beside !== undefined && { beside: moveBeside(beside, shiftUs) }) };
}
