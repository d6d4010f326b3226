import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { findSensor } from "../bounds.ts";
import type { Codec } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import type { PassRecording } from "../recording.ts";
import { encodedSink } from "../encoded-sink.ts";
import { recognize } from "../signatures.ts";
import { looksLikeEvt3 } from "./plausible.ts";
import { fieldOf, MAX_HEADER, parseHeader, payloadOf, writeHeader, type RawHeader } from "./header.ts";
import { examineEvt3, jointsOf } from "./payload.ts";

/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 4 << 20;

/** Keys of which a Prophesee header has at least one. */
const KEYS = ["evt", "format", "system_ID", "plugin_name", "integrator_name", "camera_integrator_name", "geometry"];

const isRaw = (header: RawHeader): boolean => header.length > 0 && KEYS.some((key) => fieldOf(header, key) !== undefined);

/** DAT files begin alike, but name their contents and version. */
const isDat = (header: RawHeader): boolean =>
  fieldOf(header, "version") !== undefined || /^file containing/i.test(fieldOf(header, "data") ?? "");

function refuse(name: string, encoding: string): never {
  const label = encoding.replace(/^EVT(\d)(\d?)$/, (_, major: string, minor: string) => `EVT ${major}.${minor || "0"}`);
  throw new AppError("unsupported", `${name} holds ${label} data, which is not yet read; EVT 3.0 is`, {
    hint: "Convert it to EVT 3.0 with the vendor's tools.",
  });
}

async function open(file: ByteSource): Promise<PassRecording> {
  if (file.size === 0) throw new AppError("empty", `${file.name} is empty: it has 0 bytes`, { hint: "Record it again." });
  const length = Math.min(MAX_HEADER, file.size);
  const head = await file.read(0, length, new Uint8Array(length));
  const header = parseHeader(head);
  const start = header.length;
  const payload = payloadOf(header);
  if (/^EVT(2|21|4)$/.test(payload.encoding ?? "")) refuse(file.name, payload.encoding ?? "");
  if (start >= file.size) {
    throw new AppError("empty", `${file.name} has a header of ${start} bytes and no events behind it`, {
      hint: "The recording was stopped before the first event; record it again.",
    });
  }
  if (payload.encoding !== "EVT3" && !looksLikeEvt3(head.subarray(start))) {
    const says = payload.encoding === undefined ? "does not name its encoding" : `names the encoding “${payload.encoding}”`;
    const what = `the header ${says}, and the data is not EVT 3.0`;
    throw new AppError("unknown-format", `${file.name} cannot be read: ${what}`, {
      hint: "Expected a line like “% evt 3.0” in the header.",
    });
  }
  const metadata: Record<string, string> = Object.fromEntries(header.fields);
  if (start === 0) metadata["remark"] = "no header: taken for EVT 3.0 because of its words";
  let { sensor } = payload;
  if (sensor === undefined) {
    sensor = await findSensor(file, evt3, start, { width: 2048, height: 2048 });
    metadata["sensor_from"] = "largest coordinates, because the header does not give a size";
  }
  const recording = encodedRecording({
    file,
    encoding: evt3,
    sensor,
    label: basename(file.name),
    start,
    metadata,
    joints: jointsOf(file, sensor),
    examine: examineEvt3(file, start),
  });
  if (file.size - start <= MEASURE_BYTES) await recording.measure();
  return recording;
}

/** Prophesee RAW with EVT 3.0 words. */
export const propheseeRaw = {
  id: "prophesee-raw",
  label: "Prophesee RAW",
  summary: "Text header and the camera's own EVT 3.0 words, as written by Metavision and OpenEB.",
  params: {},
  extensions: [".raw"],
  probe: (head) => {
    const header = parseHeader(head);
    if (header.length > 0) return isRaw(header) && !isDat(header);
    return recognize(head) === undefined && looksLikeEvt3(head);
  },
  open,
  create: async (file, info, metadata = {}) => {
    await file.write(writeHeader(info.sensor, metadata));
    return encodedSink(file, evt3.createEncoder(info.sensor));
  },
  header: (encoding, info, metadata) => (encoding === evt3.id ? writeHeader(info.sensor, metadata) : undefined),
} satisfies Codec;
