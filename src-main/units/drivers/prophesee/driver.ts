import { AppError } from "#shared/api/errors.ts";
import type { Camera, Driver } from "../driver.ts";
import { openDevice, type DriverParts } from "../session/open-device.ts";
import { createSession } from "../session/session.ts";
import type { Transport } from "../transport/transport.ts";
import { biasSteps, biasValues, type BiasValues } from "./biases.ts";
import { openBoard, type Board } from "./board.ts";
import type { PropheseeParamSpec, PropheseeParams } from "./params.ts";
import { runRegisters, type RegisterStep } from "./register-list.ts";
import { legacyGen41, sensorModels, type SensorModel } from "./sensors.ts";
import { settingSteps } from "./setting.ts";
import { EVENTS_IN, type Treuzell } from "./treuzell.ts";

/** 32 × 128 KiB: 20 ms of slack at 200 MB/s. */
const TRANSFERS = 32;
const TRANSFER_BYTES = 128 * 1024;

/** What is written down with a recording. */
function metadataOf(
  board: Board,
  model: SensorModel,
  transport: Transport,
  values: BiasValues,
  params: PropheseeParams,
): Readonly<Record<string, string>> {
  const biases: readonly (readonly [string, string])[] = model.biases.biases.map(({ name, vendorName }) => [
    vendorName,
    String(values[name]),
  ]);
  return {
    integrator_name: board.maker,
    camera: board.product,
    serial_number: board.serial,
    ...(board.firmware === "" ? {} : { firmware_version: board.firmware }),
    sensor_name: model.label,
    usb_speed: transport.device.speed ?? "unknown",
    ...Object.fromEntries(biases),
    ...(params.roi === "off"
      ? {}
      : {
          [params.roi === "window" ? "region_of_interest" : "region_left_out"]:
            `${params.roiX} ${params.roiY} ${params.roiWidth} ${params.roiHeight}`,
        }),
    ...(params.crop && { digital_crop: `${params.cropX} ${params.cropY} ${params.cropWidth} ${params.cropHeight}` }),
    ...(params.maskedPixels.trim() !== "" && { masked_pixels: params.maskedPixels.trim() }),
    ...(params.rateGate === true && { event_rate_gate: `${params.rateGateMinMev}e6-${params.rateGateMaxMev}e6/s` }),
    event_rate_limit: params.limitRate ? `${params.rateLimitMev}e6/s` : "off",
    flicker_filter:
      params.antiFlicker === "off" ? "off" : `${params.antiFlicker} ${params.flickerLowHz}-${params.flickerHighHz} Hz`,
    trail_filter: params.trailFilter === "off" ? "off" : `${params.trailFilter} ${params.trailThresholdMs} ms`,
    trigger_in: params.triggerIn ? "on" : "off",
    sync: params.sync,
  };
}

/** Factory values of the biases: what the chip holds after its power-up. */
async function factoryBiases(model: SensorModel, treuzell: Treuzell): Promise<BiasValues> {
  const values: Partial<Record<keyof BiasValues, number>> = {};
  for (const { name, address } of model.biases.biases) values[name] = (await treuzell.read(address)) & model.biases.mask;
  return values as BiasValues;
}

async function openCamera<S extends PropheseeParamSpec>(
  transport: Transport,
  initial: PropheseeParams,
  { pause }: DriverParts,
): Promise<Camera<S>> {
  const { board, treuzell } = await openBoard(transport, pause);
  const model = board.legacy ? legacyGen41 : sensorModels[board.sensor];
  const label = `${board.maker} ${board.product} ${board.serial}`;
  const run = (steps: readonly RegisterStep[]): Promise<void> => runRegisters(steps, treuzell, pause, label);

  await run(model.sequences.powerCycle);
  await run(model.sequences.configure);
  const factory = await factoryBiases(model, treuzell);
  let values = factory;
  let current = initial;
  /** Everything is worked out, and may be refused, before the first register is written. */
  const change = async (next: PropheseeParams, previous: PropheseeParams): Promise<void> => {
    const nextValues = biasValues(model.biases, factory, next, label);
    const steps = [...biasSteps(model.biases, nextValues, values), ...settingSteps(model.settings, next, previous)];
    await run(steps);
    values = nextValues;
    current = next;
  };
  await change(initial, {
    ...initial,
    roi: "off",
    antiFlicker: "off",
    trailFilter: "off",
    triggerIn: false,
    crop: false,
    maskedPixels: "",
    rateGate: false,
    ...model.configured,
  });
  await run(model.sync(initial));

  let started = false;
  const start = async (): Promise<void> => {
    await run(model.sequences.start);
    // Stopping the older sensor switches its flicker filter off.
    if (started) await run(settingSteps(model.settings, current, { ...current, antiFlicker: "off" }));
    started = true;
  };

  const session = createSession({
    transport,
    interfaceNumber: 0,
    endpoint: EVENTS_IN,
    transfers: TRANSFERS,
    transferBytes: TRANSFER_BYTES,
    sensor: {
      start,
      stop: () => run(model.sequences.stop),
      shutDown: () => run(model.sequences.powerDown),
    },
    ...(model.gaps === undefined ? {} : { findGaps: model.gaps() }),
  });

  return {
    info: { sensor: model.sensor, label },
    encoding: { id: model.encoding },
    codec: "prophesee-raw",
    get metadata() {
      return metadataOf(board, model, transport, values, current);
    },
    start: (onBytes, onEnd) => session.start(onBytes, onEnd),
    update: (next, previous) =>
      session.run(async () => {
        for (const name of ["sync", "allowSlowPort"] as const) {
          if (next[name] === previous[name]) continue;
          throw new AppError("unsupported", `"${name}" of an open camera cannot be changed`, {
            hint: "Close it and open it again.",
          });
        }
        // From what is set in truth: two changes may have been asked for at once.
        await change(next, current);
      }),
    readings: () => session.run(() => model.readings(treuzell, pause, label)),
    stop: () => session.stop(),
    dropped: () => session.dropped(),
  };
}

/** A driver for boards of the command protocol that Prophesee's cameras share. */
export function createPropheseeDriver<const S extends PropheseeParamSpec>(
  unit: { readonly id: string; readonly label: string; readonly summary: string; readonly params: S },
  parts: DriverParts,
): Driver<S> {
  return {
    ...unit,
    list: () => parts.recognition.list(unit.id),
    open: (deviceId, params) =>
      openDevice(parts, deviceId, (transport) => openCamera<S>(transport, params, parts), params.allowSlowPort),
  };
}
