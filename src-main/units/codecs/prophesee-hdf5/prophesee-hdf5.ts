import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { timesOf } from "../packet-times.ts";
import type { Codec, Guess } from "../codec.ts";
import { isPlain } from "../hdf5/elements.ts";
import { extensions, isHdf5 } from "../hdf5/superblock.ts";
import { hasVendorGroups } from "../hdf5/vendor.ts";
import { Findings } from "../findings.ts";
import type { Answers } from "../reading.ts";
import { PassRecording, type PassOptions } from "../recording.ts";
import { sensorHolding } from "../sensor-sizes.ts";
import { openPropheseeHdf5, type PropheseeHdf5, type Table } from "./file.ts";
import { ECF_FILTER } from "./layout.ts";
import { headTimes, propheseePass } from "./pass.ts";
import { propheseeSink } from "./sink.ts";

/** Files up to this size are measured on opening. */
const MEASURE_BYTES = 4 << 20;
/** ECF has eleven bits for a coordinate. */
const LIMIT: Sensor = { width: 2048, height: 2048 };

const isEcf = ({ data }: Table): boolean => data.filters.length === 1 && data.filters[0]?.id === ECF_FILTER;

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  const found = await openPropheseeHdf5(file);
  const { events } = found;
  if (events !== undefined && !isEcf(events) && !isPlain(events.data)) {
    const ids = events.data.filters.map(({ id }) => id).join(", ");
    throw new AppError("unsupported", `${file.name} cannot be read: its events are packed with the HDF5 filters ${ids}`, {
      hint: "Rewrite it with the vendor's tools, or with h5repack and gzip.",
    });
  }
  const { sensor, metadata, guesses } = await sensorOf(file, found, answers);
  const recording = new PassRecording({
    info: { sensor, label: basename(file.name) },
    encoding: "ecf",
    metadata,
    guesses,
    start: { offset: 0 },
    end: Math.max(1, events?.chunks.length ?? 0),
    pass: (options) => propheseePass(file, found, sensor, options),
    close: () => file.close(),
  });
  if (file.size <= MEASURE_BYTES || !(await indexByHeads(file, found, sensor, recording))) {
    if (file.size <= 64 * MEASURE_BYTES) await recording.measure();
  }
  return recording;
}

/** From the answers, the attribute `geometry`, or the largest coordinates. */
async function sensorOf(
  file: ByteSource,
  found: PropheseeHdf5,
  { width = 0, height = 0 }: Answers,
): Promise<{ readonly sensor: Sensor; readonly metadata: Readonly<Record<string, string>>; readonly guesses: readonly Guess[] }> {
  const { metadata } = found;
  const geometry = /^\s*(\d{1,5})\s*x\s*(\d{1,5})\s*$/.exec(metadata["geometry"] ?? "");
  const stated = geometry === null ? undefined : { width: Number(geometry[1]), height: Number(geometry[2]) };
  if (width > 0 && height > 0) return { sensor: { width, height }, metadata, guesses: [] };
  if (stated !== undefined && Math.min(stated.width, stated.height) > 0 && Math.max(stated.width, stated.height) <= 16_383) {
    return { sensor: { width: width || stated.width, height: height || stated.height }, metadata, guesses: [] };
  }
  let [maxX, maxY] = [0, 0];
  for await (const { packet } of propheseePass(file, found, LIMIT, scan())) {
    for (let i = 1; i < packet.words.length; i += 2) {
      maxX = Math.max(maxX, packet.words[i]! & 0x3fff);
      maxY = Math.max(maxY, (packet.words[i]! >>> 14) & 0x3fff);
    }
  }
  const largest = sensorHolding(maxX, maxY);
  const sensor = { width: width || largest.width, height: height || largest.height };
  const reason = "largest coordinates, because the file does not give a size";
  return {
    sensor,
    metadata: { ...metadata, sensor_from: reason },
    guesses: (["width", "height"] as const).map((param) => ({ param, value: sensor[param], reason, sure: false })),
  };
}

const scan = (): PassOptions => ({
  from: { offset: 0 },
  fromStart: true,
  findings: new Findings(),
  grain: "packets",
  beside: false,
});

/** Range and index of a long recording from the first times of its chunks; `false` when they do not tell. */
async function indexByHeads(file: ByteSource, found: PropheseeHdf5, sensor: Sensor, recording: PassRecording): Promise<boolean> {
  const { events } = found;
  if (events === undefined) return false;
  const heads = await headTimes(file, events);
  const rising = heads.every(({ t }, i) => i === 0 || t >= heads[i - 1]!.t);
  if (heads.length === 0 || heads[0]?.chunk !== 0 || !rising) return false;
  const last = events.chunks.length - 1;
  let latest: number | undefined;
  const tail = propheseePass(file, found, sensor, { ...scan(), from: { offset: last }, fromStart: false });
  for await (const { packet } of tail) latest = Math.max(latest ?? 0, timesOf(packet)?.latest ?? 0);
  if (latest === undefined || latest < heads.at(-1)!.t) return false;
  const entries = heads.map(({ t, chunk }) => ({ t, offset: chunk, state: {} }));
  recording.useIndex([...entries, { t: latest + 1, offset: last + 1, state: {} }]);
  return true;
}

/** Prophesee HDF5: chunks packed by the ECF filter, triggers beside them. */
export const propheseeHdf5 = {
  id: "prophesee-hdf5",
  label: "Prophesee HDF5",
  summary: "HDF5 with the vendor's ECF compression, as written by Metavision and OpenEB.",
  params: {},
  extensions,
  probe: isHdf5,
  accepts: hasVendorGroups,
  open,
  holds: ["triggers"],
  create: (file, info, metadata = {}) => propheseeSink(file, info.sensor, metadata),
} satisfies Codec;
