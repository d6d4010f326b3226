import type { Beside, Frame, ImuSample, Trigger } from "#shared/events/beside.ts";

/** What lies beside a packet; nothing where there is nothing. */
export function besideOf(
  triggers: readonly Trigger[] = [],
  frames: readonly Frame[] = [],
  imu: readonly ImuSample[] = [],
): Beside | undefined {
  if (triggers.length + frames.length + imu.length === 0) return undefined;
  return {
    ...(triggers.length === 0 ? {} : { triggers }),
    ...(frames.length === 0 ? {} : { frames }),
    ...(imu.length === 0 ? {} : { imu }),
  };
}
