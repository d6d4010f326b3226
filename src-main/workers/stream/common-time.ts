import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { onClock } from "./shift-time.ts";

/** Common time begins so long before recording was asked for: what was on its way then has a time that is not negative. */
const LEAD_US = 1_000_000;

/**
 * How the times of a recording become those of all that were begun together with it: µs on the clock of the machine that recorded them,
 * since a second before they were begun.
 * @throws AppError `unsupported` when the recording does not tell.
 */
export async function commonTimeOf(path: string): Promise<(packet: EventPacket) => EventPacket> {
  const sidecar = await readSidecar(path);
  const { together, clock } = sidecar ?? {};
  if (together === undefined || clock === undefined) {
    const why =
      sidecar === undefined
        ? "there is no file of that name with .json behind it"
        : together === undefined
          ? "it was recorded alone"
          : "it was too short for measuring its camera's clock";
    throw new AppError("unsupported", `${path} cannot be brought to a common time: ${why}`, {
      hint: "Record the cameras together, for a second or longer: saccade record CAMERA CAMERA FOLDER.",
    });
  }
  const zero = clock.hostUs - together.hostUs + LEAD_US;
  const rate = 1 / (1 + clock.driftPpm * 1e-6);
  return (packet) => onClock(packet, { t: clock.t, zero, rate });
}
