import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Encoding } from "../encodings/encoding.ts";
import { besideOf } from "./beside.ts";
import type { Guess, Orientation } from "./codec.ts";
import type { Findings } from "./findings.ts";
import { PassRecording, type PassOptions, type Step } from "./recording.ts";

/** Bytes read from the file at once. */
const CHUNK = 1 << 20;
/** Bytes decoded for one packet: 32 768 EVT3 words, so that packets stay in the processor's cache. */
const BLOCK = 1 << 16;
/** Bytes decoded between two looks at the clock while an index is built. */
const INDEX_BLOCK = 1 << 14;

/** Where another recording begins inside a file. */
export interface Joint {
  /** Bytes from the start of the file at which the payload before it ends, and at which it goes on. */
  readonly at: number;
  readonly resume: number;
  readonly reason: string;
  /** Whether what follows can be read by the same decoder. */
  readonly readable: boolean;
}

/** What a codec knows about a file whose payload is one encoding from `start` to the end. */
export interface EncodedFile {
  readonly file: ByteSource;
  readonly encoding: Encoding;
  readonly sensor: Sensor;
  readonly label: string;
  readonly start: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly orientation?: Orientation;
  readonly guesses?: readonly Guess[];
  /** Looks for a joint in the bytes that lie at `offset` in the file; `lookahead` more bytes than are decoded are shown. */
  readonly joints?: { readonly lookahead: number; find(bytes: Uint8Array, offset: number): Promise<Joint | undefined> };
  /** Damage that only the codec can judge, asked once when a pass has come to the end. */
  examine?(findings: Findings): Promise<void>;
}

/** A recording that is one encoding behind a header. */
export function encodedRecording(source: EncodedFile): PassRecording {
  const { file, encoding, sensor, label, start, metadata, orientation, guesses } = source;
  return new PassRecording({
    info: { sensor, label },
    encoding: encoding.id,
    metadata,
    ...(orientation === undefined ? {} : { orientation }),
    ...(guesses === undefined ? {} : { guesses }),
    start: { offset: start },
    end: file.size,
    pass: (options) => encodedPass(source, options),
    close: () => file.close(),
  });
}

async function* encodedPass(source: EncodedFile, options: PassOptions): AsyncGenerator<Step> {
  const { file, encoding, sensor, joints } = source;
  const { from, findings, signal } = options;
  const block = options.grain === "index" ? INDEX_BLOCK : BLOCK;
  const writer = new PacketWriter();
  const lookahead = joints?.lookahead ?? 0;
  const buffer = new Uint8Array(Math.min(CHUNK + lookahead, Math.max(1, file.size - from.offset)));
  let decoder = encoding.createDecoder(sensor, from.state);
  let position = from.offset;
  let partStart = position;
  let newPart = false;
  let complete = false;

  /** Ends the part of the file that `decoder` has read. */
  const endPart = (end: number): void => {
    const pending = decoder.pending();
    if (pending > 0) {
      const reason = `${pending} of the ${encoding.wordBytes} bytes of a word: it was cut off`;
      findings.damage({ offset: end - pending, bytes: pending, reason });
    }
    const skipped = decoder.skipped?.();
    if (skipped !== undefined) {
      const words = `${skipped.bytes / encoding.wordBytes} words without a meaning (padding)`;
      findings.damage({
        offset: partStart + skipped.offset,
        bytes: skipped.bytes,
        reason: `${words} were skipped, the first one here`,
      });
    }
    findings.dropped(decoder.dropped());
  };

  try {
    while (position < file.size) {
      signal?.throwIfAborted();
      const bytes = await file.read(position, buffer.length, buffer);
      if (bytes.length === 0) break; // the file has become shorter while it was read
      const joint = await joints?.find(bytes, position);
      const length = Math.min(CHUNK, joint === undefined ? bytes.length : joint.at - position);
      for (let used = 0; used < length;) {
        used += decoder.decode(bytes.subarray(used, Math.min(length, used + block)), writer);
        const triggers = decoder.triggers();
        const imu = decoder.imu?.();
        if (imu !== undefined && imu.length > 0) findings.other("imu", imu.length);
        const frames = decoder.frames?.();
        if (frames !== undefined && frames.length > 0) findings.other("frames", frames.length);
        const beside = options.beside ? besideOf(triggers, frames, imu) : besideOf(triggers);
        const packet = writer.take();
        const offset = position + used;
        const state = decoder;
        yield {
          packet: beside === undefined ? packet : { ...packet, beside },
          place: () => ({ offset, state: state.state() }),
          time: decoder.time(),
          newPart,
        };
        newPart = false;
      }
      position += length;
      if (joint === undefined || position !== joint.at) continue;
      endPart(position);
      findings.damage({ offset: joint.at, bytes: joint.resume - joint.at, reason: joint.reason });
      decoder = encoding.createDecoder(sensor);
      newPart = true;
      position = joint.resume;
      partStart = position;
      if (!joint.readable) break;
    }
    endPart(position);
    complete = true;
    if (options.fromStart) await source.examine?.(findings);
  } finally {
    if (!complete) findings.dropped(decoder.dropped());
  }
}
