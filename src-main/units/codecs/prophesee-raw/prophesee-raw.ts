import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSink, ByteSource } from "#main/lib/files.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import { evt2 } from "#main/units/encodings/evt2/evt2.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { resolveSensor } from "../bounds.ts";
import type { Codec } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import { encodedSink } from "../encoded-sink.ts";
import { examineCounters } from "../prophesee/examine.ts";
import { isCutLine, kindOf, MAX_HEADER, parseHeader } from "../prophesee/header.ts";
import type { Answers } from "../reading.ts";
import type { PassRecording } from "../recording.ts";
import { recognize } from "../signatures.ts";
import { chooseEncoding, encodingOfWords } from "./choose.ts";
import { MAX_SIDE, payloadOf, writeHeader } from "./header.ts";
import { jointsOf } from "./joints.ts";

/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 4 << 20;

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  if (file.size === 0) throw new AppError("empty", `${file.name} is empty: it has 0 bytes`, { hint: "Record it again." });
  const length = Math.min(MAX_HEADER, file.size);
  const head = await file.read(0, length, new Uint8Array(length));
  const header = parseHeader(head);
  const start = header.length;
  const rest = head.subarray(start);
  if (start > 0 && start + rest.length === file.size && isCutLine(header, rest)) {
    throw new AppError("empty", `${file.name} ends inside its header, at byte ${file.size}: there are no events`, {
      hint: "The recording was stopped before the first event, or the file was cut; record or fetch it again.",
    });
  }
  const { encoding, remark } = chooseEncoding(file.name, header, rest);
  const limit = { width: MAX_SIDE, height: MAX_SIDE };
  const stated = payloadOf(header).sensor;
  const { sensor, guesses, metadata } = await resolveSensor({ file, encoding, start, stated, limit }, answers);
  const recording = encodedRecording({
    file,
    encoding,
    sensor,
    label: basename(file.name),
    start,
    metadata: { ...Object.fromEntries(header.fields), ...metadata, ...(remark === undefined ? {} : { remark }) },
    guesses,
    joints: jointsOf(file, encoding, sensor),
    examine: examineCounters(file, start, encoding),
  });
  if (file.size - start <= MEASURE_BYTES) await recording.measure();
  return recording;
}

/** Writes a header and what follows in one of the vendor's encodings. */
const writerOf =
  (encoding: typeof evt2 | typeof evt3) =>
  async (file: ByteSink, info: StreamInfo, metadata: Readonly<Record<string, string>> = {}): Promise<EventSink> => {
    const encoder = encoding.createEncoder(info.sensor); // refuses a size before anything is written
    await file.write(writeHeader(encoding.id, info.sensor, metadata) ?? new Uint8Array(0));
    return encodedSink(file, encoder);
  };

/** Prophesee RAW: EVT 2.0, 2.1, 3.0 and 4.0 words behind a header; new files hold EVT 3.0. */
export const propheseeRaw = {
  id: "prophesee-raw",
  label: "Prophesee RAW",
  summary: "Text header and the camera's own words (EVT 2.0, 2.1, 3.0, 4.0), as written by Metavision and OpenEB.",
  params: {},
  extensions: [".raw"],
  holds: ["triggers"],
  probe: (head) => {
    const header = parseHeader(head);
    if (header.length > 0) return kindOf(header) === "raw";
    return recognize(head) === undefined && encodingOfWords(head) !== undefined;
  },
  open,
  create: writerOf(evt3),
  header: (encoding, info, metadata) => writeHeader(encoding, info.sensor, metadata),
} satisfies Codec;

/** The same files with EVT 2.0 words, for programs that read nothing newer. Reading them is `propheseeRaw`'s. */
export const propheseeRawEvt2 = {
  id: "prophesee-raw-evt2",
  label: "Prophesee RAW, EVT 2.0",
  summary: "Prophesee RAW written with EVT 2.0 words, for programs that do not read EVT 3.0.",
  params: {},
  extensions: [".raw"],
  holds: ["triggers"],
  probe: () => false,
  open,
  create: writerOf(evt2),
} satisfies Codec;
