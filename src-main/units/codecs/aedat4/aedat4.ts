import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { MAX_COORDINATE } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { aedat4Events } from "#main/units/encodings/aedat4-events/aedat4-events.ts";
import type { Codec, Guess } from "../codec.ts";
import { largestOf } from "../largest.ts";
import type { Answers } from "../reading.ts";
import { PassRecording } from "../recording.ts";
import { latin1 } from "../signatures.ts";
import { indexFromTable } from "./data-table.ts";
import { MAGIC, readHeader, type Aedat4Header } from "./header.ts";
import type { StreamDescription } from "./info-node.ts";
import { Aedat4Sink } from "./sink.ts";
import { aedat4Pass, type Aedat4File } from "./pass.ts";

/** Files up to this size are measured on opening; larger ones get their range from the data table or an index. */
const MEASURE_BYTES = 4 << 20;

const COMPRESSIONS = ["none", "LZ4", "LZ4, high", "Zstandard", "Zstandard, high"];

/** Streams that belong to other cameras than that of these events. */
function foreignTo(events: StreamDescription, streams: readonly StreamDescription[]): ReadonlySet<number> {
  const several = streams.filter(({ type }) => type === "EVTS").length > 1;
  const others = streams.filter(
    ({ id, type, source }) => id !== events.id && (type === "EVTS" || (source !== undefined && source !== events.source)),
  );
  return new Set(several ? others.map(({ id }) => id) : []);
}

function metadataOf(header: Aedat4Header, events: StreamDescription | undefined): Record<string, string> {
  const cameras = header.streams.filter(({ type }) => type === "EVTS");
  return {
    compression: COMPRESSIONS[header.compression] ?? `unknown (${header.compression})`,
    ...(events?.source === undefined ? {} : { source: events.source }),
    ...(events?.startUs === undefined ? {} : { clock_start_us: events.startUs }),
    ...(cameras.length < 2
      ? {}
      : { cameras: `${cameras.map(({ id, source }) => source ?? `stream ${id}`).join(", ")}; the first is read` }),
    ...(header.damage === undefined ? {} : { remark: `the header cannot be read: ${header.damage}` }),
  };
}

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  const header = await readHeader(file);
  const events = header.streams.find(({ type }) => type === "EVTS");
  if (events === undefined && header.streams.length > 0) {
    const types = header.streams.map(({ type }) => type).join(", ");
    throw new AppError("empty", `${file.name} holds no stream of events (its streams: ${types})`, {
      hint: "Record again with the events of the camera, or choose another recording.",
    });
  }
  const foreign = events === undefined ? new Set<number>() : foreignTo(events, header.streams);
  const metadata = metadataOf(header, events);
  const guesses: Guess[] = [];
  let sensor: Sensor;
  if (events?.width !== undefined && events.height !== undefined) sensor = { width: events.width, height: events.height };
  else if (answers.width && answers.height) sensor = { width: answers.width, height: answers.height };
  else {
    const sensorless = { file, header, foreign, sensor: { width: MAX_COORDINATE, height: MAX_COORDINATE } };
    sensor = await largestOf((options) => aedat4Pass(sensorless, options), { offset: header.length });
    const reason = "the largest coordinates, because the header does not give a size";
    metadata["sensor_from"] = reason;
    guesses.push({ param: "width", value: sensor.width, reason, sure: false });
    guesses.push({ param: "height", value: sensor.height, reason, sure: false });
  }
  const source: Aedat4File = { file, header, sensor, foreign };
  const recording = new PassRecording({
    info: { sensor, label: basename(file.name) },
    encoding: aedat4Events.id,
    metadata,
    guesses,
    start: { offset: header.length },
    end: file.size,
    pass: (options) => aedat4Pass(source, options),
    close: () => file.close(),
  });
  if (file.size <= MEASURE_BYTES) await recording.measure();
  else if (events !== undefined) recording.useIndex((await indexFromTable(file, header, events.id)) ?? []);
  return recording;
}

/** AEDAT 4 of DV: packets of events, frames, inertial readings and triggers, packed one by one. */
export const aedat4 = {
  id: "aedat4",
  label: "AEDAT 4",
  summary:
    "Packets of FlatBuffers, packed with LZ4 or Zstandard, as DV, dv-processing and v2e write them, on a clock of Unix time.",
  params: {},
  extensions: [".aedat4", ".aedat"],
  holds: ["triggers", "frames", "imu"],
  probe: (head) => latin1(head.subarray(0, 12)) === MAGIC.slice(0, 12),
  open,
  create: (file, info, metadata = {}) => Aedat4Sink.create(file, info, metadata),
} satisfies Codec;
