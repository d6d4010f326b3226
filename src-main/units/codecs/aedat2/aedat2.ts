import { basename, extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { aedatDvs128 } from "#main/units/encodings/aedat-address/aedat-address.ts";
import type { DecoderState, Encoding } from "#main/units/encodings/encoding.ts";
import { findSensor } from "../bounds.ts";
import type { Codec, Guess } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import type { Answers } from "../reading.ts";
import type { PassRecording } from "../recording.ts";
import { latin1, recognize } from "../signatures.ts";
import { chipOf, isEar } from "./chips.ts";
import type { AedatHeader } from "./header.ts";
import { DAVIS_LIMIT, lookAtAddresses } from "./layout.ts";
import { FROM_LOWER_RIGHT, MEASURE_BYTES, readHeader } from "./open.ts";
import { looksLikeRecords } from "./plausible.ts";
import { aedat2Sink, FIRST_TIME } from "./sink.ts";

const RECORD = 8;

/** What a decoder has to know before the first byte: the turns of the clock that our own files tell, and the camera. */
async function startOf(file: ByteSource, header: AedatHeader, cameras: readonly number[]): Promise<DecoderState> {
  const first = Number(header.fields.get(FIRST_TIME));
  const bytes = await file.read(header.length + 4, 4);
  const stored = bytes.length < 4 ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
  const known = Number.isSafeInteger(first) && first % 0x1_0000_0000 === stored;
  return {
    ...(known ? { turns: Math.floor(first / 0x1_0000_0000) } : {}),
    ...(cameras.length > 1 ? { camera: cameras[0]! } : {}),
  };
}

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  const header = await readHeader(file, RECORD);
  const className = header.fields.get("AEChip") ?? "";
  if (isEar(className)) {
    throw new AppError("unsupported", `${file.name} was recorded by ${className}, a silicon ear and not a camera`, {
      hint: "Choose a recording of an event camera.",
    });
  }
  const chip = chipOf(className);
  const found = await lookAtAddresses(file, header.length);
  const base = chip?.encoding ?? found.encoding;
  const cameras = base === aedatDvs128 ? [] : found.cameras;
  const start = await startOf(file, header, cameras);
  const encoding: Encoding = {
    ...base,
    createDecoder: (sensor, state) => base.createDecoder(sensor, { ...start, ...state }),
  };
  const metadata: Record<string, string> = Object.fromEntries(header.fields);
  if (header.version === "") metadata["remark"] = "no header: taken for AEDAT 2 because of its records";
  if (cameras.length > 1) metadata["cameras"] = `${cameras.join(", ")} have been merged; number ${cameras[0]!} is read`;
  const guesses: Guess[] = [];
  let sensor: Sensor;
  if (chip !== undefined) sensor = chip.sensor;
  else {
    const largest = "the largest coordinates, because the file does not name its camera";
    if (base === aedatDvs128) sensor = { width: 128, height: 128 };
    else sensor = await findSensor(file, encoding, header.length, DAVIS_LIMIT);
    metadata["sensor_from"] = base === aedatDvs128 ? "addresses of 16 bits, as the DVS128 has them" : largest;
    const reason = metadata["sensor_from"];
    guesses.push({ param: "width", value: sensor.width, reason, sure: base === aedatDvs128 });
    guesses.push({ param: "height", value: sensor.height, reason, sure: base === aedatDvs128 });
  }
  sensor = { width: answers.width || sensor.width, height: answers.height || sensor.height };
  const recording = encodedRecording({
    file,
    encoding,
    sensor,
    label: basename(file.name),
    start: header.length,
    metadata,
    orientation: FROM_LOWER_RIGHT,
    guesses,
  });
  if (file.size <= MEASURE_BYTES) await recording.measure();
  return recording;
}

/** AEDAT 2 of jAER: DVS128 and the DAVIS family, with frames, inertial readings and external events. */
export const aedat2 = {
  id: "aedat2",
  label: "AEDAT 2",
  summary: "Big-endian addresses and times behind comment lines, as jAER and v2e write them: DVS128 and DAVIS cameras.",
  params: {},
  extensions: [".aedat", ".aedat2", ".dat"],
  holds: ["triggers"],
  probe: (head, name) => {
    if (latin1(head.subarray(0, 11)) === "#!AER-DAT2.") return true;
    const named = [".aedat", ".aedat2", ".dat"].includes(extname(name).toLowerCase());
    return named && recognize(head) === undefined && head[0] !== 0x23 && looksLikeRecords(head, 4) && !looksLikeRecords(head, 2);
  },
  open,
  create: (file, info) => Promise.resolve(aedat2Sink(file, info)),
} satisfies Codec;
