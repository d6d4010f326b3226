import type { ImuSample, Trigger } from "#shared/events/beside.ts";
import { baseFor, PacketWriter, SLACK_US } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { besideOf } from "../beside.ts";
import type { PassOptions, Place, Step } from "../recording.ts";
import { Window } from "../window.ts";
import { FRAME_HEADER, frameChannels, frameOf, imuOf, OVERFLOW_US, specialOf } from "./contents.ts";
import { FRAME, IMU6, IMU9, PACKET_HEADER, Packets, POLARITY, SPECIAL, type PacketHeader } from "./packets.ts";

/** Events taken for one step: for reading, and between two looks at the clock while an index is built. */
const PIECE = { packets: 1 << 13, index: 1 << 11 } as const;
const MAX_OFFSET = 0x7fff_ffff;
const VALID = 1;

/** What a pass has to know about an open file. */
export interface Aedat3File {
  readonly file: ByteSource;
  readonly start: number;
  readonly sensor: Sensor;
  /** Ids that the header names; packets of others are damaged. */
  readonly sources: ReadonlySet<number>;
  /** The camera that is read. */
  readonly source: number | undefined;
  /** Origin lower left, as in version 3.0. */
  readonly fromBelow: boolean;
}

/** One pass over the packets of a file. */
export async function* aedat3Pass(source: Aedat3File, options: PassOptions): AsyncGenerator<Step> {
  yield* new Pass(source, options).steps();
}

class Pass {
  readonly #source: Aedat3File;
  readonly #options: PassOptions;
  readonly #window: Window;
  readonly #packets: Packets;
  readonly #writer = new PacketWriter();
  #time: number | undefined;
  #outside = 0;
  #impossible = 0;
  #invalid = 0;

  constructor(source: Aedat3File, options: PassOptions) {
    this.#source = source;
    this.#options = options;
    this.#window = new Window(source.file);
    this.#packets = new Packets(this.#window, source.file.size, source.sources);
  }

  async *steps(): AsyncGenerator<Step> {
    const { file } = this.#source;
    const { from, findings, signal } = this.#options;
    let position = from.state?.["packet"] ?? from.offset;
    let resume: number | undefined = from.offset;
    try {
      while (position < file.size) {
        signal?.throwIfAborted();
        const header = await this.#packets.at(position);
        if (header === undefined) {
          const next = await this.#packets.next(position + 1, signal);
          findings.damage({ offset: position, bytes: next - position, reason: "no packet begins here" });
          position = next;
          continue;
        }
        const end = await this.#endOf(position, header);
        yield* this.#packet(position, header, resume, end);
        resume = undefined;
        position = end;
      }
    } finally {
      const counts = [
        ["beyond the sensor", this.#outside],
        ["with an impossible time", this.#impossible],
        ["marked as invalid", this.#invalid],
      ] as const;
      findings.dropped(Object.fromEntries(counts.filter(([, count]) => count > 0)));
    }
  }

  /** Where a packet ends: where it says, unless the file does not go on there. */
  async #endOf(position: number, { size, capacity, count }: PacketHeader): Promise<number> {
    const { findings, signal } = this.#options;
    const fileEnd = this.#source.file.size;
    const start = position + PACKET_HEADER;
    const end = start + size * capacity;
    if (end <= fileEnd && (await this.#packets.leadsOn(end))) return end;
    const next = await this.#packets.next(start, signal);
    if (next < Math.min(end, fileEnd)) {
      findings.damage({ offset: position, bytes: PACKET_HEADER, reason: "a packet says a wrong length" });
      return next;
    }
    if (end <= fileEnd) return end;
    const whole = Math.min(count, Math.floor((fileEnd - start) / size));
    const offset = start + whole * size;
    const reason = `the last packet was cut off: ${whole} of its ${count} events are whole`;
    findings.damage({ offset, bytes: fileEnd - offset, reason });
    return fileEnd;
  }

  async *#packet(position: number, header: PacketHeader, resume: number | undefined, end: number): AsyncGenerator<Step> {
    const { findings } = this.#options;
    const { type, size } = header;
    const start = position + PACKET_HEADER;
    const count = Math.min(header.count, Math.floor((end - start) / size));
    if (count === 0) return;
    if (this.#source.source !== undefined && header.source !== this.#source.source) {
      if (type === POLARITY) findings.dropped({ "of another camera": count });
      return;
    }
    const first = resume === undefined ? 0 : Math.max(0, Math.floor((resume - start) / size));
    const place = (done: number): Place =>
      done < count ? { offset: start + done * size, state: { packet: position } } : { offset: end };
    if (type === FRAME) yield* this.#frames(header, start, count, place);
    else if (type === POLARITY || type === SPECIAL || type === IMU6 || type === IMU9) {
      const piece = PIECE[this.#options.grain];
      for (let done = first; done < count;) {
        const most = Math.min(piece, count - done);
        const bytes = await this.#window.at(start + done * size, most * size);
        if (bytes.length < most * size) return; // the file has become shorter while it was read
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        const base = header.overflow * OVERFLOW_US;
        if (type === POLARITY) {
          const before = done;
          for (let used = 0; used < most;) {
            used += this.#polarities(view, used, most, base);
            done = before + used;
            const here = place(done);
            yield { packet: this.#writer.take(), place: () => here, time: this.#time };
          }
          continue;
        }
        done += most;
        if (type === SPECIAL) yield* this.#specials(view, most, base, place(done));
        else yield* this.#imu(view, most, size, base, place(done));
      }
    } else findings.other(`packets of type ${type}`);
  }

  /** Events of a packet from the one of that number on, as far as one packet of ours holds them; answers how many were used. */
  #polarities(view: DataView, from: number, to: number, base: number): number {
    const { width, height } = this.#source.sensor;
    const writer = this.#writer;
    const words = writer.reserve(to - from);
    let length = 0;
    let t0 = 0;
    let last = this.#time ?? 0;
    let i = from;
    for (; i < to; i += 1) {
      const data = view.getUint32(8 * i, true);
      const low = view.getInt32(8 * i + 4, true);
      if ((data & VALID) === 0) {
        this.#invalid += 1;
        continue;
      }
      const x = data >>> 17;
      const y = (data >>> 2) & 0x7fff;
      const t = base + low;
      if (low < 0) this.#impossible += 1;
      else if (x >= width || y >= height) this.#outside += 1;
      else {
        if (length === 0) {
          writer.begin(baseFor(t));
          t0 = writer.t0;
        } else if (t < t0 || t - t0 > MAX_OFFSET || last - t > SLACK_US) break;
        last = t;
        words[length] = t - t0;
        words[length + 1] = ((data & 2) << 27) | (y << 14) | x;
        length += 2;
      }
    }
    writer.commit(length);
    if (length > 0) this.#time = last;
    return i - from;
  }

  *#specials(view: DataView, count: number, base: number, here: Place): Generator<Step> {
    const triggers: Trigger[] = [];
    for (let i = 0; i < count; i += 1) {
      const word = view.getUint32(8 * i, true);
      const low = view.getInt32(8 * i + 4, true);
      if ((word & VALID) === 0 || low < 0) continue;
      const found = specialOf(word, base + low);
      if (found === "reset") {
        // At the start it tells nothing; later a new part begins. What has been collected belongs to the part before.
        this.#options.findings.other("resets");
        if (this.#time === undefined) continue;
        yield* this.#aside(triggers.splice(0), [], here);
        this.#time = undefined;
        yield { packet: { t0: 0, words: new Uint32Array(0) }, place: () => here, time: undefined, newPart: true };
      } else if (found !== undefined) triggers.push(found);
    }
    yield* this.#aside(triggers, [], here);
  }

  *#imu(view: DataView, count: number, size: number, base: number, here: Place): Generator<Step> {
    const samples: ImuSample[] = [];
    for (let i = 0; i < count; i += 1) {
      const low = view.getInt32(size * i + 4, true);
      if ((view.getUint32(size * i, true) & VALID) !== 0 && low >= 0) samples.push(imuOf(view, size * i, size, base + low));
    }
    if (samples.length > 0) this.#options.findings.other("imu", samples.length);
    if (this.#options.beside) yield* this.#aside([], samples, here);
  }

  *#aside(triggers: readonly Trigger[], imu: readonly ImuSample[], here: Place): Generator<Step> {
    const beside = besideOf(triggers, [], imu);
    const t = triggers[0]?.t ?? imu[0]?.t;
    if (beside === undefined || t === undefined) return;
    yield { packet: { t0: t, words: new Uint32Array(0), beside }, place: () => here, time: this.#time };
  }

  async *#frames(header: PacketHeader, start: number, count: number, place: (done: number) => Place): AsyncGenerator<Step> {
    const { size, overflow } = header;
    const { findings, beside } = this.#options;
    for (let i = 0; i < count; i += 1) {
      const at = start + i * size;
      const bytes = await this.#window.at(at, beside ? size : FRAME_HEADER);
      if (bytes.length < (beside ? size : FRAME_HEADER)) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      if ((bytes[0]! & VALID) === 0) continue;
      const channels = frameChannels(view, 0, size);
      if (channels === undefined) {
        findings.damage({ offset: at, bytes: size, reason: "a frame is larger than its place, or has no pixels" });
        continue;
      }
      findings.other("frames");
      if (!beside) continue;
      const frame = frameOf(view, 0, channels, overflow * OVERFLOW_US, this.#source.fromBelow);
      const here = place(i + 1);
      yield {
        packet: { t0: frame.t, words: new Uint32Array(0), beside: { frames: [frame] } },
        place: () => here,
        time: this.#time,
      };
    }
  }
}
