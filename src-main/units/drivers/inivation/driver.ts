import { AppError } from "#shared/api/errors.ts";
import type { CameraReading } from "#shared/api/devices.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Camera, Driver } from "../driver.ts";
import { openDevice, type DriverParts, type Pause } from "../session/open-device.ts";
import { createSession } from "../session/session.ts";
import type { Transport } from "../transport/transport.ts";
import { openBoard, type Board } from "./board.ts";
import { nameOf } from "./identify.ts";
import type { Side } from "./messages.ts";
import { around } from "./session-transport.ts";

/** What can be set on every one of these cameras. */
export const commonParams = {
  resetClock: {
    type: "boolean",
    default: false,
    label: "Set the clock back",
    help: "Switching it on sets the camera's clock to zero, on a master also that of its followers. The time shown goes on; the moment is kept as a trigger on channel 255. Switch it off and on to do it again.",
  },
} as const satisfies ParamSpec;

/** Of cameras that are meant for USB 3. */
export const slowPortParam = {
  allowSlowPort: {
    type: "boolean",
    default: false,
    label: "Open on a USB 2 port",
    help: "A USB 2 port carries a tenth of what the sensor can send: events are lost in the camera when much moves.",
  },
} as const satisfies ParamSpec;

/** An open board of some kind, configured, and what its driver can do with it. */
export interface Control<P> {
  readonly sensor: Sensor;
  readonly encoding: string;
  /** What the decoder has to know of this camera. */
  readonly decoderState: Readonly<Record<string, number>>;
  readonly endpoint: number;
  readonly transfers: number;
  readonly transferBytes: number;
  readonly clearFirst: boolean;
  readonly metadata: (params: P) => Readonly<Record<string, string>>;
  /** Switches everything off that may be on. */
  quiet(): Promise<void>;
  /** Reads are queued. */
  start(params: P): Promise<void>;
  stop(): Promise<void>;
  shutDown(): Promise<void>;
  /** Writes what differs. `running`: the sensor sends. Everything is judged before the first value is written. */
  change(next: P, previous: P, running: boolean): Promise<void>;
  /** What the board counts or measures besides events. */
  readonly readings?: () => Promise<readonly CameraReading[]>;
  /** Reads beside those of the events; stopped before the interface is given back. */
  readonly side?: () => Side | undefined;
  /** What goes out instead of a chunk of the events. */
  readonly weave?: (onBytes: (bytes: Uint8Array, gap: boolean) => void) => (bytes: Uint8Array, gap: boolean) => void;
}

/** Opens a claimed board; on a failure it leaves nothing running. */
export type OpenControl<P> = (board: Board, transport: Transport, params: P, pause: Pause) => Promise<Control<P>>;

async function openCamera<S extends ParamSpec>(
  transport: Transport,
  initial: ParamsOf<S>,
  openControl: OpenControl<ParamsOf<S>>,
  pause: Pause,
): Promise<Camera<S>> {
  const board = await openBoard(transport);
  const name = nameOf(board);
  const label = `iniVation ${name} ${board.serial}`.trim();
  const control = await openControl(board, transport, initial, pause);
  let current = initial;
  let running = false;
  const session = createSession({
    transport: around(transport, {
      beforeReads: () => control.quiet(),
      clearFirst: control.clearFirst,
      beforeRelease: async () => control.side?.()?.stop(),
    }),
    interfaceNumber: 0,
    endpoint: control.endpoint,
    transfers: control.transfers,
    transferBytes: control.transferBytes,
    sensor: {
      start: async () => {
        await control.start(current);
        running = true;
      },
      stop: () => {
        running = false;
        return control.stop();
      },
      shutDown: () => control.shutDown(),
    },
  });
  return {
    info: { sensor: control.sensor, label },
    encoding: { id: control.encoding },
    decoderState: control.decoderState,
    codec: "aedat4",
    get metadata() {
      return {
        integrator_name: "iniVation",
        camera: name,
        serial_number: board.serial,
        firmware_version: String(board.firmware),
        ...(board.logic === "" ? {} : { logic_version: board.logic }),
        usb_speed: transport.device.speed ?? "unknown",
        ...control.metadata(current),
      };
    },
    start: (onBytes, onEnd) => session.start(control.weave?.(onBytes) ?? onBytes, onEnd),
    update: (next, previous) =>
      session.run(async () => {
        if (next["allowSlowPort"] !== previous["allowSlowPort"]) {
          throw new AppError("unsupported", `"allowSlowPort" of an open camera cannot be changed`, {
            hint: "Close it and open it again.",
          });
        }
        // From what is set in truth: two changes may have been asked for at once.
        await control.change(next, current, running);
        current = next;
      }),
    ...(control.readings !== undefined && { readings: () => session.run(() => control.readings?.() ?? Promise.resolve([])) }),
    stop: () => session.stop(),
    dropped: () => session.dropped(),
  };
}

/** A driver for boards of the protocol that iniVation's cameras share. */
export function createInivationDriver<const S extends ParamSpec>(
  unit: { readonly id: string; readonly label: string; readonly summary: string; readonly params: S },
  parts: DriverParts,
  openControl: OpenControl<ParamsOf<S>>,
): Driver<S> {
  return {
    ...unit,
    list: () => parts.recognition.list(unit.id),
    open: (deviceId, params) =>
      openDevice(
        parts,
        deviceId,
        (transport) => openCamera<S>(transport, params, openControl, parts.pause),
        params["allowSlowPort"] !== false,
      ),
  };
}
