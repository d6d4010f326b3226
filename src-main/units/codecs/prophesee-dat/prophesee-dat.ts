import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { dat } from "#main/units/encodings/dat/dat.ts";
import { resolveSensor } from "../bounds.ts";
import type { Codec } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import { encodedSink } from "../encoded-sink.ts";
import { examineCounters } from "../prophesee/examine.ts";
import { fieldOf, headerLines, kindOf, MAX_HEADER, parseHeader, sizeOf, type PropheseeHeader } from "../prophesee/header.ts";
import type { Answers } from "../reading.ts";
import type { PassRecording } from "../recording.ts";
import { jointsOf } from "./joints.ts";
import { CD, LARGEST, RECORD, recordsOf } from "./records.ts";

/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 4 << 20;

/** How the first of the vendor's writers named its events; their files give no size and are the crops of N-Cars. */
const N_CARS = /Chronocam/;
const N_CARS_SIZE = { sensor: { width: 120, height: 100 }, reason: "crops of N-Cars are at most 120×100" };

/** The size in the header. */
const statedSize = (header: PropheseeHeader) => sizeOf(fieldOf(header, "width"), fieldOf(header, "height"), LARGEST.width);

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  const length = Math.min(MAX_HEADER, file.size);
  const head = await file.read(0, length, new Uint8Array(length));
  const header = parseHeader(head);
  const { encoding, start } = recordsOf(file.name, header, head, file.size);
  const usual = N_CARS.test(fieldOf(header, "data") ?? "") ? N_CARS_SIZE : undefined;
  const question = { file, encoding, start, stated: statedSize(header), limit: LARGEST, usual };
  const { sensor, guesses, metadata } = await resolveSensor(question, answers);
  const recording = encodedRecording({
    file,
    encoding,
    sensor,
    label: basename(file.name),
    start,
    metadata: { ...Object.fromEntries(header.fields), ...metadata },
    guesses,
    joints: jointsOf(file, encoding, sensor),
    examine: examineCounters(file, start, encoding),
  });
  if (file.size - start <= MEASURE_BYTES) await recording.measure();
  return recording;
}

/** Prophesee DAT: the vendor's decoded events, versions 1 and 2, and its files of external triggers. */
export const propheseeDat = {
  id: "prophesee-dat",
  label: "Prophesee DAT",
  summary: "Text header and eight bytes an event, as in N-Cars, Gen1 and 1 Mpx; also files of external triggers.",
  params: {},
  extensions: [".dat"],
  probe: (head) => kindOf(parseHeader(head)) === "dat",
  open,
  create: async (file, { sensor, range }, metadata = {}) => {
    if (range !== undefined && range.end > 2 ** 32) {
      const minutes = (range.end / 60e6).toFixed(1);
      throw new AppError("unsupported", `DAT files end at 71.6 minutes (2^32 µs), the recording at ${minutes}`, {
        hint: "Write an earlier part with --from and --to, or choose another format, for example Prophesee RAW.",
      });
    }
    const lines = [
      ["Data", "file containing CD events."],
      ["Version", "2"],
      ["Height", String(sensor.height)],
      ["Width", String(sensor.width)],
    ] as const;
    await file.write(Buffer.concat([headerLines(lines, metadata), Uint8Array.of(CD, RECORD)]));
    return encodedSink(file, dat.createEncoder(sensor));
  },
} satisfies Codec;
