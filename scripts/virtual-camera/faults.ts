import type { EmulatedCamera } from "#main/units/drivers/testing/emulated-camera.ts";
import type { VirtualCameraOptions } from "./options.ts";

const LOOK_MS = 50;

const eventsEndpoint = ({ transcript }: EmulatedCamera): number =>
  Number(transcript.usb.endpoints.find(({ role }) => role === "event stream")?.address);

/** Pulls cables and halts endpoints at the times that were asked for, counted from the start of each sensor. The answer ends it. */
export function playFaults(
  cameras: readonly EmulatedCamera[],
  options: Pick<VirtualCameraOptions, "unplugAfterS" | "replugAfterS" | "stallEveryS">,
  say: (line: string) => void,
  nowMs: () => number = () => performance.now(),
): () => void {
  const { unplugAfterS, replugAfterS, stallEveryS } = options;
  const states = cameras.map(() => ({
    started: undefined as number | undefined,
    stalls: 0,
    unplugged: undefined as number | undefined,
  }));
  const look = (): void => {
    const now = nowMs();
    for (const [index, camera] of cameras.entries()) {
      const state = states[index];
      if (state === undefined) continue;
      if (state.unplugged !== undefined) {
        if (replugAfterS === 0 || camera.present || now - state.unplugged < replugAfterS * 1000) continue;
        camera.plugIn();
        say(`1-${index + 1} plugged in again: attach it once more`);
        continue;
      }
      if (!camera.model.streaming()) {
        state.started = undefined;
        state.stalls = 0;
        continue;
      }
      state.started ??= now;
      const ranS = (now - state.started) / 1000;
      if (stallEveryS > 0 && ranS >= (state.stalls + 1) * stallEveryS) {
        state.stalls += 1;
        camera.stall(eventsEndpoint(camera));
        say(`1-${index + 1} endpoint halted`);
      }
      if (unplugAfterS > 0 && ranS >= unplugAfterS) {
        state.unplugged = now;
        camera.unplug();
      }
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}
