import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { ownAttributes } from "../hdf5/own-attributes.ts";
import { LONGEST_SILENCE_US, RecordChunks } from "../hdf5/period-index.ts";
import { gzip, Hdf5Writer, type WrittenList } from "../hdf5/writer.ts";

/** Attribute with what has to be added to the stored times to get those of the recording that the file was made from. */
export const SHIFT = "time_shift_us";

const CHUNK = 32_768;
const MS_US = 1000;
/** A first time beyond this becomes the file's offset, so that the list of milliseconds begins near the events. */
const LATEST_FIRST_US = 60_000_000;

const types = {
  x: { bytes: 2, signed: false },
  y: { bytes: 2, signed: false },
  t: { bytes: 8, signed: true },
  p: { bytes: 1, signed: false },
  ms: { bytes: 8, signed: false },
} as const;

/** Writes events in DSEC's layout: four columns, the first event of each millisecond, and the offset of the times. */
class DsecSink implements EventSink {
  readonly #file: ByteSink;
  readonly #writer: Hdf5Writer;
  readonly #lists: Readonly<Record<"x" | "y" | "t" | "p", WrittenList>>;
  readonly #milliseconds: RecordChunks;
  readonly #x = new Uint16Array(CHUNK);
  readonly #y = new Uint16Array(CHUNK);
  readonly #t = new Uint32Array(2 * CHUNK);
  readonly #p = new Uint8Array(CHUNK);
  #waiting = 0;
  #written = 0;
  /** What is taken off each time, and what lay between them and the data set's clock before. */
  #shift: number | undefined;
  readonly #offset: number;
  /** First time that gets a row in the list of milliseconds. */
  #next = 0;
  #latest = 0;

  constructor(file: ByteSink, writer: Hdf5Writer, offset: number) {
    const list = (name: keyof typeof types): WrittenList =>
      writer.list(`events/${name}`, types[name], CHUNK, gzip(types[name].bytes));
    this.#file = file;
    this.#writer = writer;
    this.#lists = { p: list("p"), t: list("t"), x: list("x"), y: list("y") };
    this.#milliseconds = new RecordChunks(writer.list("ms_to_idx", types.ms, CHUNK, gzip(8)), 8, CHUNK);
    this.#offset = offset;
  }

  async write({ t0, words }: EventPacket): Promise<void> {
    if (words.length === 0) return;
    this.#shift ??= this.#shiftFor(t0 + words[0]!);
    const base = t0 - this.#shift;
    for (let i = 0; i < words.length; i += 2) {
      const at = this.#waiting;
      const t = base + words[i]!;
      const word = words[i + 1]!;
      if (t >= this.#next) await this.#note(t);
      this.#x[at] = word & 0x3fff;
      this.#y[at] = (word >>> 14) & 0x3fff;
      this.#p[at] = word >>> 28;
      this.#t[2 * at] = t >>> 0;
      this.#t[2 * at + 1] = Math.floor(t / 0x1_0000_0000);
      this.#waiting = at + 1;
      if (this.#waiting === CHUNK) await this.#flush();
    }
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#milliseconds.flush();
    const shift = this.#shift ?? 0;
    this.#writer.scalar("t_offset", types.t, BigInt(this.#offset + shift));
    if (shift !== 0) this.#writer.attribute("", SHIFT, String(shift));
    await this.#writer.finish();
    await this.#file.close();
  }

  #shiftFor(first: number): number {
    if (first >= 0 && first <= LATEST_FIRST_US) return 0;
    return Math.floor(first / 1e6) * 1e6;
  }

  /** Rows of `ms_to_idx` up to this event: the number of the first one at or after each millisecond. */
  async #note(t: number): Promise<void> {
    if (this.#next > 0 && t - this.#latest > LONGEST_SILENCE_US) {
      this.#next = Infinity;
      this.#writer.attribute("ms_to_idx", "ends_early", "a silence of over an hour follows");
      return;
    }
    this.#latest = t;
    const { view } = this.#milliseconds;
    const number = this.#written + this.#waiting;
    for (; this.#next <= t; this.#next += MS_US) {
      const at = 8 * this.#milliseconds.count;
      view.setUint32(at, number >>> 0, true);
      view.setUint32(at + 4, Math.floor(number / 0x1_0000_0000), true);
      await this.#milliseconds.added();
    }
  }

  async #flush(): Promise<void> {
    const count = this.#waiting;
    if (count === 0) return;
    const columns = { x: this.#x, y: this.#y, t: this.#t, p: this.#p };
    const names = ["x", "y", "t", "p"] as const;
    const packed = await Promise.all(names.map((name) => this.#lists[name].packed(new Uint8Array(columns[name].buffer), count)));
    for (const [i, name] of names.entries()) await this.#lists[name].addStored(packed[i]!, count);
    this.#written += count;
    this.#waiting = 0;
  }
}

/** A new file in DSEC's layout. @throws AppError `unsupported` when the offset of the source cannot be kept. */
export async function dsecSink(
  file: ByteSink,
  { width, height }: Sensor,
  metadata: Readonly<Record<string, string>>,
): Promise<EventSink> {
  const { t_offset: stated = "0", ...others } = metadata;
  const offset = Number(stated);
  if (!Number.isSafeInteger(offset)) {
    throw new AppError("unsupported", `The time offset ${stated} cannot be stored`, { hint: "Remove it from the recording." });
  }
  const writer = await Hdf5Writer.create(file);
  for (const [name, text] of ownAttributes(others)) writer.attribute("", name, text);
  writer.attribute("", "width", String(width));
  writer.attribute("", "height", String(height));
  return new DsecSink(file, writer, offset);
}
