import { basename, extname } from "node:path";
import { aedatDvs128Short } from "#main/units/encodings/aedat-address/aedat-address.ts";
import { FROM_LOWER_RIGHT, MEASURE_BYTES, readHeader } from "../aedat2/open.ts";
import { looksLikeRecords } from "../aedat2/plausible.ts";
import { parseAedatHeader } from "../aedat2/header.ts";
import type { Codec } from "../codec.ts";
import { encodedRecording } from "../encoded-recording.ts";
import { latin1, recognize } from "../signatures.ts";

const RECORD = 6;
const extensions = [".dat", ".aedat"];

/** AEDAT 1 of jAER: the DVS128 in six bytes an event. */
export const aedat1 = {
  id: "aedat1",
  label: "AEDAT 1",
  summary: "16-bit addresses of the DVS128 and 32-bit times, big-endian, with or without comment lines before them.",
  params: {},
  extensions,
  probe: (head, name, size) => {
    const start = latin1(head.subarray(0, 11));
    if (start === "#!AER-DAT1.") return true;
    if (!extensions.includes(extname(name).toLowerCase()) || start.startsWith("#!AER-DAT")) return false;
    if (recognize(head) !== undefined) return false;
    const { length } = parseAedatHeader(head, size, RECORD);
    return looksLikeRecords(head.subarray(length), 2);
  },
  open: async (file) => {
    const header = await readHeader(file, RECORD);
    const recording = encodedRecording({
      file,
      encoding: aedatDvs128Short,
      sensor: { width: 128, height: 128 },
      label: basename(file.name),
      start: header.length,
      metadata: Object.fromEntries(header.fields),
      orientation: FROM_LOWER_RIGHT,
    });
    if (file.size <= MEASURE_BYTES) await recording.measure();
    return recording;
  },
} satisfies Codec;
