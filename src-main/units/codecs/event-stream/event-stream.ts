import { basename } from "node:path";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec } from "../codec.ts";
import type { Findings } from "../findings.ts";
import { PassRecording, type PassOptions, type Step } from "../recording.ts";
import { eventColumns, packetsOf, rejectedCounts } from "../tables/columns.ts";
import { decodeEvents, type EsState, type EsTally } from "./decoder.ts";
import { HEADER_BYTES, isEventStream, readHeader, type EventType } from "./header.ts";
import { eventStreamSink } from "./sink.ts";

/** Bytes decoded for one packet, and between two looks at the clock while an index is built. */
const BLOCK = 1 << 16;
const INDEX_BLOCK = 1 << 13;
/** Files up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 4 << 20;
/** The shortest event has so many bytes. */
const SHORTEST = 5;

interface EventStream {
  readonly file: ByteSource;
  readonly type: EventType;
  readonly sensor: Sensor;
}

async function* eventPass({ file, type, sensor }: EventStream, options: PassOptions): AsyncGenerator<Step> {
  const { findings, signal, from } = options;
  const buffer = new Uint8Array(options.grain === "index" ? INDEX_BLOCK : BLOCK);
  const columns = eventColumns(Math.ceil(buffer.length / SHORTEST));
  const writer = new PacketWriter(columns.t.length);
  const state: EsState = { t: from.state?.["t"] ?? 0, misses: 0 };
  let position = from.offset;
  for (;;) {
    signal?.throwIfAborted();
    const bytes = await file.read(position, buffer.length, buffer);
    if (bytes.length === 0) break;
    columns.count = 0;
    const tally: EsTally = { outside: 0, exposures: 0 };
    const before = { offset: position, state: { t: state.t } };
    const { used, lost } = decodeEvents(type, bytes, sensor, state, columns, tally);
    note(type, columns.count, tally, findings);
    if (lost !== undefined) {
      const offset = position + lost;
      const reason = "three events in a row lie beyond the sensor: a byte was lost or changed, and nothing behind can be trusted";
      findings.damage({ offset, bytes: file.size - offset, reason });
    } else if (used === 0) {
      const reason = `${bytes.length} bytes of an event: it was cut off`;
      findings.damage({ offset: position, bytes: bytes.length, reason });
      break;
    }
    position += used;
    const after = { offset: position, state: { t: state.t } };
    for (const { packet, last } of packetsOf(columns, sensor, writer, findings)) {
      const { t0, words } = packet;
      const time = last ? state.t : t0 + (words[words.length - 2] ?? 0);
      yield { packet, place: () => (last ? after : before), time };
    }
    if (lost !== undefined) break;
  }
}

function note(type: EventType, events: number, tally: EsTally, findings: Findings): void {
  findings.dropped(rejectedCounts({ outside: tally.outside, timeless: 0 }));
  if (tally.exposures > 0) findings.other("exposures", tally.exposures);
  if (type === "color" && events > 0) findings.other("colors", events);
}

/** Event Stream of faery, sepia and loris. */
export const eventStream = {
  id: "event-stream",
  label: "Event Stream",
  summary: "Differences of times and pixels in five bytes an event, as written by faery, sepia and loris (version 2).",
  params: {},
  extensions: [".es"],
  probe: isEventStream,
  open: async (file) => {
    const { type, version, sensor } = await readHeader(file);
    const recording = new PassRecording({
      info: { sensor, label: basename(file.name) },
      encoding: `event-stream-${type}`,
      metadata: {
        version,
        type,
        ...(type === "color" ? { remark: "color events have no polarity: all are shown as ON" } : {}),
      },
      orientation: { flipX: false, flipY: true, swapXY: false, invertP: false },
      start: { offset: HEADER_BYTES },
      end: file.size,
      pass: (options) => eventPass({ file, type, sensor }, options),
      close: () => file.close(),
    });
    if (file.size <= MEASURE_BYTES) await recording.measure();
    return recording;
  },
  create: (file, info) => eventStreamSink(file, info.sensor),
} satisfies Codec;
