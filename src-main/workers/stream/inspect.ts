import { createHash, type Hash } from "node:crypto";
import { AppError, toAppError } from "#shared/api/errors.ts";
import type { RecordingInspection } from "#shared/api/stream-api.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import { log } from "#main/lib/log.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import type { Answers } from "#main/units/codecs/reading.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";

type EventRow = readonly [t: number, x: number, y: number, p: number];

/** Window of the peak rate (µs). */
const PEAK_WINDOW_US = 10_000;
/** How many events from each end are shown. */
const SHOWN = 3;
/** Bytes of an event in the digest: int64 t, uint16 x, uint16 y, uint8 p. */
const DIGEST_BYTES = 13;
/** A larger share of events beyond the sensor means that the format or size is wrong. */
const MAX_OUTSIDE_SHARE = 0.2;

/** Everything that one pass over the events tells. */
class Tally {
  events = 0;
  on = 0;
  earliest = Infinity;
  latest = -Infinity;
  stepsBack = 0;
  largestStepBackUs = 0;
  peakWindow = 0;
  readonly first: EventRow[] = [];
  last: EventRow[] = [];
  #previous = -Infinity;
  #origin = 0;
  #window = 0;
  #inWindow = 0;

  add({ t0, words }: EventPacket): void {
    const { length } = words;
    if (length === 0) return;
    for (let i = 0; i < length && this.first.length < SHOWN; i += 2) this.first.push(row(t0, words, i));
    const tail: EventRow[] = [];
    for (let i = Math.max(0, length - 2 * SHOWN); i < length; i += 2) tail.push(row(t0, words, i));
    this.last = [...this.last, ...tail].slice(-SHOWN);

    let on = 0;
    let low = 0xffff_ffff;
    let high = 0;
    let before = words[0]!;
    let falls = 0;
    let largestFall = 0;
    const fallBetween = this.#previous - (t0 + words[0]!);
    if (fallBetween > 0) {
      falls = 1;
      largestFall = fallBetween;
    }
    // The 10 ms windows count from the first event.
    let window = this.#window;
    let inWindow = this.#inWindow;
    let peak = this.peakWindow;
    if (this.events === 0) this.#origin = t0 + words[0]!;
    const shift = this.#origin - t0;
    let windowStart = window * PEAK_WINDOW_US + shift;
    for (let i = 0; i < length; i += 2) {
      const offset = words[i]!;
      on += words[i + 1]! >>> 28;
      if (offset < low) low = offset;
      if (offset > high) high = offset;
      if (offset < before) {
        falls += 1;
        if (before - offset > largestFall) largestFall = before - offset;
      }
      before = offset;
      if (offset >= windowStart + PEAK_WINDOW_US || (offset < windowStart && windowStart - offset > PEAK_WINDOW_US)) {
        if (inWindow > peak) peak = inWindow;
        inWindow = 0;
        window = Math.floor((offset - shift) / PEAK_WINDOW_US);
        windowStart = window * PEAK_WINDOW_US + shift;
      }
      inWindow += 1;
    }
    this.#window = window;
    this.#inWindow = inWindow;
    this.peakWindow = Math.max(peak, inWindow);
    this.events += length >>> 1;
    this.on += on;
    this.earliest = Math.min(this.earliest, t0 + low);
    this.latest = Math.max(this.latest, t0 + high);
    this.#previous = t0 + before;
    this.stepsBack += falls;
    this.largestStepBackUs = Math.max(this.largestStepBackUs, largestFall);
  }
}

const row = (t0: number, words: Uint32Array, i: number): EventRow => {
  const packed = words[i + 1] ?? 0;
  return [t0 + (words[i] ?? 0), packed & 0x3fff, (packed >>> 14) & 0x3fff, packed >>> 28];
};

/** Feeds events to a hash as 13-byte records, so that any reader of the same file can be compared. */
export class EventDigest {
  readonly #hash: Hash = createHash("sha256");
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  add({ t0, words }: EventPacket): void {
    const needed = (words.length >>> 1) * DIGEST_BYTES;
    if (needed > this.#bytes.length) {
      this.#bytes = new Uint8Array(needed);
      this.#view = new DataView(this.#bytes.buffer);
    }
    const view = this.#view;
    for (let i = 0, at = 0; i < words.length; i += 2, at += DIGEST_BYTES) {
      const t = t0 + words[i]!;
      const packed = words[i + 1]!;
      view.setUint32(at, t >>> 0, true);
      view.setInt32(at + 4, Math.floor(t / 0x1_0000_0000), true);
      view.setUint16(at + 8, packed & 0x3fff, true);
      view.setUint16(at + 10, (packed >>> 14) & 0x3fff, true);
      view.setUint8(at + 12, packed >>> 28);
    }
    this.#hash.update(this.#bytes.subarray(0, needed));
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

/**
 * What is in a recording, by one pass over it. A damaged file is described as far as it can be read.
 * @throws AppError when nothing can be read: `not-found`, `empty`, `unknown-format`, `unsupported`, `damaged`.
 */
export async function inspectRecording(
  path: string,
  options: { readonly digest?: boolean; readonly signal?: AbortSignal; readonly answers?: Answers } = {},
): Promise<RecordingInspection> {
  const { codec, bytes, recording } = await openRecording(path, {
    asStored: true,
    ...(options.answers === undefined ? {} : { answers: options.answers }),
  });
  try {
    const tally = new Tally();
    const digest = options.digest === true ? new EventDigest() : undefined;
    for await (const packet of recording.read(options.signal === undefined ? {} : { signal: options.signal })) {
      tally.add(packet);
      digest?.add(packet);
    }
    const { damage, dropped, triggers, others = {} } = recording.report();
    const { events, on, earliest, latest } = tally;
    refuseNonsense(path, events, triggers.length, dropped, damage.length > 0);
    const start = events > 0 ? earliest : 0;
    const end = events > 0 ? latest + 1 : 0;
    const mean = events > 0 ? Math.round((events / (end - start)) * 1e6) : 0;
    return {
      path,
      codec: codec.id,
      encoding: recording.encoding,
      bytes,
      sensor: recording.info.sensor,
      range: { start, end },
      events,
      on,
      off: events - on,
      first: tally.first,
      last: tally.last,
      rateHz: {
        mean,
        // a recording shorter than one window has its peak in its mean
        peak: Math.max(mean, Math.round((tally.peakWindow / PEAK_WINDOW_US) * 1e6)),
      },
      triggers: triggers.length,
      monotonic: tally.stepsBack === 0,
      stepsBack: { count: tally.stepsBack, largestUs: tally.largestStepBackUs },
      others,
      guesses: recording.guesses ?? [],
      ...(digest === undefined ? {} : { digest: digest.hex() }),
      orientation: recording.orientation,
      damage,
      dropped,
      metadata: recording.metadata,
      ...(await cameraOf(path)),
    };
  } finally {
    await recording.close();
  }
}

/** What the sidecar says of the camera. A damaged sidecar is no reason to refuse a good recording. */
async function cameraOf(path: string): Promise<Pick<RecordingInspection, "camera">> {
  try {
    const { driver, label, serial, params } = (await readSidecar(path))?.camera ?? {};
    if (driver === undefined || label === undefined) return {};
    return { camera: { driver, label, serial: serial ?? "", params: params ?? {} } };
  } catch (error) {
    log("warning", "inspect", toAppError(error).message);
    return {};
  }
}

/** A file in which nothing is wrong may hold no events: the camera saw none, or a filter has kept none. */
function refuseNonsense(
  path: string,
  events: number,
  triggers: number,
  dropped: Readonly<Record<string, number>>,
  hurt: boolean,
): void {
  const outside = dropped["beyond the sensor"] ?? 0;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (events === 0 && triggers === 0 && (lost > 0 || hurt)) {
    const why = lost > 0 ? `none of its ${lost} events has both a time and a row on the sensor` : "there is no event in it";
    throw new AppError(lost > 0 ? "damaged" : "empty", `${path} cannot be used: ${why}`, {
      hint: "The file may be cut short or of another format; fetch or record it again.",
    });
  }
  if (outside > MAX_OUTSIDE_SHARE * (events + outside)) {
    const share = Math.round((100 * outside) / (events + outside));
    throw new AppError("damaged", `${path} cannot be trusted: ${share} per cent of its events lie beyond the sensor`, {
      hint: "The header may give a wrong size or format.",
    });
  }
}
