import { AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { handsParams, handsSensor } from "#main/simulation/hands/hands-scene.ts";
import { createRandom } from "#main/simulation/random.ts";
import { encodings } from "#main/units/encodings/index.ts";
import type { Camera, Driver } from "../driver.ts";
import { handsScene, pictureScene, recordingScene, type VirtualScene } from "./scenes.ts";
import { startTransmitter, type Transmitter } from "./transmitter.ts";

const params = {
  show: {
    type: "choice",
    default: handsParams.show.default,
    options: handsParams.show.options,
    label: "Hand shows",
    help: "Moving hands only: one gesture for good, or all of them in turn.",
  },
  path: {
    type: "path",
    default: "",
    label: "Recording or picture",
    help: "What the other two virtual cameras show.",
  },
  seed: { type: "integer", default: 1, min: 0, max: 0xffff_ffff, label: "Seed", help: "Another number is another person." },
  rateScale: {
    type: "number",
    default: 1,
    min: 0.01,
    max: 100,
    label: "Event rate",
    help: "How much faster than in reality the scene goes by: twice as fast makes twice as many events a second.",
  },
  chunkBytes: {
    type: "integer",
    default: 16_384,
    min: 512,
    max: 131_072,
    unit: "bytes",
    label: "Largest transfer",
    help: "Bytes that arrive at once, as over USB.",
  },
  unplug: { type: "boolean", default: false, label: "Fault: unplug", help: "The camera is gone, as when its cable is pulled." },
  corrupt: {
    type: "number",
    default: 0,
    min: 0,
    max: 1,
    label: "Fault: damaged words",
    help: "Share of 16-bit words with one bit turned over.",
  },
  stall: {
    type: "integer",
    default: 0,
    min: 0,
    max: 60_000,
    unit: "ms",
    label: "Fault: stall",
    help: "Once set, nothing arrives for so long.",
  },
} as const satisfies ParamSpec;
type Params = ParamsOf<typeof params>;

const device = (id: string, label: string): DeviceInfo => ({
  id,
  driver: "virtual",
  label,
  serial: "virtual",
  state: "ready",
  virtual: true,
});

/** The cameras that are always there. */
const devices = [
  { ...device("virtual-hands", "Virtual camera: moving hands"), sensor: handsSensor },
  device("virtual-recording", "Virtual camera: recording on repeat"),
  device("virtual-picture", "Virtual camera: moving picture"),
] as const satisfies readonly DeviceInfo[];

function sceneFor(deviceId: string, { show, path, seed }: Params): Promise<VirtualScene> | VirtualScene {
  if (deviceId === "virtual-hands") return handsScene(show, seed);
  const open = deviceId === "virtual-recording" ? recordingScene : deviceId === "virtual-picture" ? pictureScene : undefined;
  if (open === undefined) {
    throw new AppError("not-found", `There is no virtual camera called "${deviceId}"`, {
      hint: `Known: ${devices.map(({ id }) => id).join(", ")}.`,
    });
  }
  if (path === "") {
    const what = deviceId === "virtual-recording" ? "recording" : "PNG or JPEG picture";
    throw new AppError("bad-parameter", `The virtual camera has nothing to show: "path" is empty`, {
      hint: `Set "path" to a ${what}.`,
    });
  }
  return open(path, seed);
}

/** Turns over one bit in a share of the words. */
function spoilWords(bytes: Uint8Array, share: number, random: () => number): void {
  if (share <= 0) return;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    if (random() >= share) continue;
    const bit = Math.floor(random() * 16);
    const index = at + (bit >>> 3);
    bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit & 7));
  }
}

async function openVirtual(deviceId: string, initial: Params): Promise<Camera<typeof params>> {
  const label = devices.find(({ id }) => id === deviceId)?.label ?? deviceId;
  if (initial.unplug) throw new AppError("camera-gone", `${label} is unplugged`, { hint: 'Set "unplug" to false.' });
  const scene = await sceneFor(deviceId, initial);
  const evt3 = findUnit("encoding", encodings, "evt3");
  const encoder = evt3.createEncoder?.(scene.sensor);
  if (encoder === undefined) throw new AppError("internal", "The EVT 3.0 encoder is missing");
  const random = createRandom(initial.seed).fork("faults");
  let current = initial;
  let stalledUntilMs = 0;
  let transmitter: Transmitter | undefined;
  let end: ((reason?: Error) => void) | undefined;

  const stop = async (): Promise<void> => {
    end = undefined;
    await transmitter?.stop();
    await scene.close();
  };
  const unplug = async (): Promise<void> => {
    const tell = end;
    await stop();
    tell?.(new AppError("camera-gone", `${label} was unplugged`, { hint: "Plug it in and open it again." }));
  };

  return {
    info: { sensor: scene.sensor, label },
    encoding: { id: "evt3" },
    codec: "prophesee-raw",
    metadata: { ...scene.metadata, generated: "true" },
    start: (onBytes, onEnd) => {
      end = onEnd;
      transmitter = startTransmitter({
        scene,
        encoder,
        chunkBytes: () => current.chunkBytes & ~1,
        rateScale: () => current.rateScale,
        spoil: (bytes) => spoilWords(bytes, current.corrupt, () => random.uniform()),
        stalled: () => performance.now() < stalledUntilMs,
        onBytes,
        onEnd: (reason) => end?.(reason),
      });
    },
    update: async (next, previous) => {
      for (const name of ["path", "seed"] as const) {
        if (next[name] === previous[name]) continue;
        throw new AppError("unsupported", `"${name}" of an open virtual camera cannot be changed`, {
          hint: "Close it and open it again.",
        });
      }
      current = next;
      if (next.show !== previous.show) scene.show?.(next.show);
      if (next.stall > 0 && next.stall !== previous.stall) stalledUntilMs = performance.now() + next.stall;
      if (next.unplug && !previous.unplug) await unplug();
    },
    stop,
    dropped: () => transmitter?.dropped() ?? 0,
    truth: () => scene.truth?.(),
  };
}

/** Cameras made of drawings and files, with every fault a real one can have. Everything they show says so. */
export const virtual = {
  id: "virtual",
  label: "Virtual camera",
  summary: "A simulated camera: drawn hands, a recording on repeat, or a picture along saccades, sent as EVT 3.0 in real time.",
  params,
  list: () => Promise.resolve(devices),
  open: openVirtual,
} satisfies Driver<typeof params>;
