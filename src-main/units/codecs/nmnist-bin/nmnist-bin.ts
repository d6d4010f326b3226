import { basename, extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { atis5byte } from "#main/units/encodings/atis-5byte/atis-5byte.ts";
import { findSensor } from "../bounds.ts";
import type { Codec } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import { encodedSink } from "../encoded-sink.ts";
import { recognize } from "../signatures.ts";

const RECORD = 5;
const OVERFLOW_ROW = 240;
const extensions = [".bin", ".bs2"];

/** Share of steps that fit by which the content alone decides, and share that is enough when the name says the same. */
const SURE = 0.999;
const LIKELY = 0.95;
/** Content alone needs so many records: a few fit by chance. */
const MIN_RECORDS = 64;

/** Share of records that have to bring a later time, or a blank part of any file would pass; dense clips bring few, and have their name. */
const MIN_RISING = 0.1;
const MIN_RISING_NAMED = 0.01;

/** Share of records whose row is possible and whose time does not fall; 0 when the time hardly moves. */
function plausibility(head: Uint8Array, minRising: number): { readonly records: number; readonly share: number } {
  const records = Math.floor(head.length / RECORD);
  let good = 0;
  let rising = 0;
  let last = -1;
  for (let i = 0; i < records; i += 1) {
    const at = RECORD * i;
    const t = ((head[at + 2]! & 0x7f) << 16) | (head[at + 3]! << 8) | head[at + 4]!;
    const overflow = head[at + 1]! === OVERFLOW_ROW;
    if (overflow || (head[at + 1]! < OVERFLOW_ROW && t >= last)) good += 1;
    if (!overflow && t > last) rising += 1;
    if (!overflow) last = t;
  }
  return { records, share: rising < minRising * records || records === 0 ? 0 : good / records };
}

/** ATIS records without a header: N-MNIST, N-Caltech101. */
export const nmnistBin = {
  id: "nmnist-bin",
  label: "N-MNIST / N-Caltech101",
  summary: "ATIS 5-byte records without a header, one clip a file (Orchard et al. 2015, doi:10.3389/fnins.2015.00437).",
  params: {},
  extensions,
  probe: (head, name) => {
    if (recognize(head) !== undefined) return false;
    const named = extensions.includes(extname(name).toLowerCase());
    const { records, share } = plausibility(head, named ? MIN_RISING_NAMED : MIN_RISING);
    return named ? records > 0 && share >= LIKELY : records >= MIN_RECORDS && share >= SURE;
  },
  open: async (file) => {
    if (file.size < RECORD) {
      const what = file.size === 0 ? "is empty: it has 0 bytes" : `has ${file.size} bytes, less than one record of ${RECORD}`;
      throw new AppError("empty", `${file.name} ${what}`, { hint: "Fetch or convert it again." });
    }
    const sensor = await findSensor(file, atis5byte, 0, { width: 256, height: 256 });
    const recording = encodedRecording({
      file,
      encoding: atis5byte,
      sensor,
      label: basename(file.name),
      start: 0,
      metadata: { sensor_from: "largest coordinates, because the format does not store a size" },
    });
    await recording.measure();
    return recording;
  },
  create: (file, info) => Promise.resolve(encodedSink(file, atis5byte.createEncoder(info.sensor))),
  header: (encoding) => (encoding === atis5byte.id ? new Uint8Array(0) : undefined),
} satisfies Codec;
