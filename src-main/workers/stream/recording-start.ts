import { AppError } from "#shared/api/errors.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { Codec } from "#main/units/codecs/codec.ts";
import { writeWireHeader } from "#main/units/codecs/wire/header.ts";
import { wire } from "#main/units/codecs/wire/wire.ts";
import type { Decoder, DecoderState, Encoding } from "#main/units/encodings/encoding.ts";
import type { Chunk } from "./chunk-ring.ts";

/** What a recording is made of, at its first byte. */
export interface RecordingStart {
  readonly encoding: Encoding;
  readonly info: StreamInfo;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the decoder stood before that byte. */
  readonly state: DecoderState;
}

/** Where the clock of the file and that of the stream part: a file begins without the wraps before it. */
export function fileClock(decoder: Decoder, preamble: Uint8Array) {
  const writer = new PacketWriter();
  decoder.decode(preamble, writer);
  let offset: number | undefined;
  return {
    /** Looks at the first chunks, once they are decoded; answers the events a reader of the file finds in them. */
    look: (chunk: Chunk, bytes: Uint8Array): { events: number; first: number | undefined } => {
      let events = 0;
      let first: number | undefined;
      for (let rest = bytes; rest.length > 0;) {
        const used = decoder.decode(rest, writer);
        const packet = writer.take();
        events += packet.words.length >>> 1;
        first ??= packet.words.length > 0 ? packet.t0 + (packet.words[0] ?? 0) : undefined;
        if (used === 0) break;
        rest = rest.subarray(used);
      }
      const time = decoder.time();
      if (time !== undefined && chunk.time !== undefined) offset = chunk.time - time;
      return { events, first };
    },
    get offset() {
      return offset;
    },
  };
}

/**
 * How a file begins: with the header of its format and time words; or, where the format has to be made from events, with a line that
 * tells how to read the camera's bytes, which are then rewritten once the recording has ended.
 */
export function beginningOf(wanted: Codec, { encoding, info, metadata, state }: RecordingStart) {
  const header = wanted.header?.(encoding.id, info, metadata);
  if (header !== undefined) {
    const preamble = encoding.preamble?.(state) ?? new Uint8Array(0);
    return { codec: wanted, header, preamble, decoder: encoding.createDecoder(info.sensor) };
  }
  if (wanted.create === undefined) {
    throw new AppError("unsupported", `${wanted.label} files cannot hold the ${encoding.label} data of this camera`, {
      hint: "Record with another camera, or ask the authors of the driver.",
    });
  }
  return {
    codec: wire,
    header: writeWireHeader(encoding.id, info, metadata, state),
    preamble: new Uint8Array(0),
    decoder: encoding.createDecoder(info.sensor, state),
  };
}
