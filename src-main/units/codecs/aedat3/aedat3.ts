import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec, Guess } from "../codec.ts";
import { largestOf } from "../largest.ts";
import type { Answers } from "../reading.ts";
import { PassRecording } from "../recording.ts";
import { latin1 } from "../signatures.ts";
import { Window } from "../window.ts";
import { readHeader, sensorNamed, type Aedat3Header } from "./header.ts";
import { PACKET_HEADER, Packets, POLARITY } from "./packets.ts";
import { aedat3Pass, type Aedat3File } from "./pass.ts";

/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 4 << 20;
/** Packets that are looked at for the first events. */
const LOOK = 1000;
/** Coordinates have 15 bits; a packet of ours holds 14. */
const LIMIT: Sensor = { width: 1 << 14, height: 1 << 14 };

/** The source of the first events. */
async function firstSource(file: ByteSource, { length, sources }: Aedat3Header): Promise<number | undefined> {
  const packets = new Packets(new Window(file), file.size, new Set(sources.keys()));
  for (let position = length, i = 0; position < file.size && i < LOOK; i += 1) {
    const header = await packets.at(position);
    if (header === undefined) position = await packets.next(position + 1);
    else if (header.type === POLARITY && header.count > 0) return header.source;
    else position += PACKET_HEADER + header.size * header.capacity;
  }
  return undefined;
}

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  const header = await readHeader(file);
  const source = await firstSource(file, header);
  const name = source === undefined ? [...header.sources.values()][0] : header.sources.get(source);
  if (/dynap/i.test(name ?? "")) {
    throw new AppError("unsupported", `${file.name} was recorded from ${name}, a chip of neurons and not a camera`, {
      hint: "Choose a recording of an event camera.",
    });
  }
  const metadata: Record<string, string> = Object.fromEntries(header.fields);
  metadata["version"] = header.version;
  if (name !== undefined) metadata["source"] = name;
  if (header.sources.size > 1) {
    metadata["cameras"] = `${[...header.sources.values()].join(", ")}; ${name ?? "the first"} is read`;
  }
  const fromBelow = header.version === "3.0";
  const guesses: Guess[] = [];
  const found = { file, start: header.length, sources: new Set(header.sources.keys()), source, fromBelow };
  let sensor = answers.width && answers.height ? { width: answers.width, height: answers.height } : sensorNamed(name);
  if (sensor === undefined) {
    sensor = await largestOf((options) => aedat3Pass({ ...found, sensor: LIMIT }, options), { offset: header.length });
    const reason = "the largest coordinates, because the header names no camera of known size";
    metadata["sensor_from"] = reason;
    guesses.push({ param: "width", value: sensor.width, reason, sure: false });
    guesses.push({ param: "height", value: sensor.height, reason, sure: false });
  }
  const pass: Aedat3File = { ...found, sensor };
  const recording = new PassRecording({
    info: { sensor, label: basename(file.name) },
    encoding: "aedat3",
    metadata,
    guesses,
    orientation: { flipX: false, flipY: fromBelow, swapXY: false, invertP: false },
    start: { offset: header.length },
    end: file.size,
    pass: (options) => aedat3Pass(pass, options),
    close: () => file.close(),
  });
  if (file.size <= MEASURE_BYTES) await recording.measure();
  return recording;
}

/** AEDAT 3 of cAER and libcaer: packets of events, frames, inertial readings and special events. */
export const aedat3 = {
  id: "aedat3",
  label: "AEDAT 3",
  summary: "Packets of events, frames, inertial readings and special events, as cAER writes them; DVS128 Gesture uses it.",
  params: {},
  extensions: [".aedat", ".aedat3"],
  holds: ["triggers", "frames", "imu"],
  probe: (head) => latin1(head.subarray(0, 11)) === "#!AER-DAT3.",
  open,
} satisfies Codec;
