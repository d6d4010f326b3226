import { AppError } from "#shared/api/errors.ts";
import type { Trigger } from "#shared/events/beside.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { ownAttributes } from "../hdf5/own-attributes.ts";
import { LONGEST_SILENCE_US, RecordChunks } from "../hdf5/period-index.ts";
import { Hdf5Writer, type WrittenList } from "../hdf5/writer.ts";
import { EcfEncoder } from "./ecf-encode.ts";
import { ecfFilter, eventType, indexType, triggerType } from "./layout.ts";

/** Records of a chunk, as the vendor writes them. */
const CHUNK = 16_384;
/** The vendor's index has a row for each 2 ms. */
const PERIOD_US = 2000;

/** The vendor's index of one list: for each 2 ms the number and relative time of the first record not before it. */
class PeriodIndex {
  readonly #writer: Hdf5Writer;
  readonly #path: string;
  readonly #rows: RecordChunks;
  #origin = 0;
  #last = 0;
  #open = true;
  /** Relative time from which on the next record gets a row. */
  next = -Infinity;

  constructor(writer: Hdf5Writer, path: string) {
    this.#writer = writer;
    this.#path = path;
    this.#rows = new RecordChunks(writer.list(path, indexType, CHUNK), indexType.bytes, CHUNK);
  }

  /** Notes record `number` at `t`, which is not before `next`. */
  async note(number: number, t: number): Promise<void> {
    if (this.#rows.total === 0) {
      this.#origin = t;
      this.#last = t;
      await this.#row(0, -1);
      this.next = t;
    }
    if (this.#open && t - this.#last > LONGEST_SILENCE_US) {
      this.#open = false;
      this.next = Infinity;
      this.#writer.attribute(
        this.#path,
        "ends_early",
        `a silence of over an hour begins ${this.#last - this.#origin} us after the start`,
      );
    }
    this.#last = t;
    for (; this.next <= t; this.next += PERIOD_US) await this.#row(number, t - this.#origin);
  }

  async finish(): Promise<void> {
    await this.#rows.flush();
    this.#writer.attribute(this.#path, "offset", String(-this.#origin));
  }

  async #row(id: number, ts: number): Promise<void> {
    const { view, count } = this.#rows;
    put64(view, 16 * count, id);
    put64(view, 16 * count + 8, ts);
    await this.#rows.added();
  }
}

function put64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** Writes events and triggers in the vendor's layout. */
class PropheseeSink implements EventSink {
  readonly #file: ByteSink;
  readonly #writer: Hdf5Writer;
  readonly #events: WrittenList;
  readonly #index: PeriodIndex;
  readonly #triggers: RecordChunks;
  readonly #triggerIndex: PeriodIndex;
  readonly #encoder = new EcfEncoder(CHUNK);
  readonly #times = new Float64Array(CHUNK);
  readonly #xyp = new Uint32Array(CHUNK);
  #waiting = 0;
  #written = 0;
  #last = 0;
  #clamped = 0;
  #lastTrigger = 0;

  constructor(file: ByteSink, writer: Hdf5Writer) {
    this.#file = file;
    this.#writer = writer;
    this.#events = writer.list("CD/events", eventType, CHUNK, [ecfFilter]);
    this.#index = new PeriodIndex(writer, "CD/indexes");
    this.#triggers = new RecordChunks(writer.list("EXT_TRIGGER/events", triggerType, CHUNK), triggerType.bytes, CHUNK);
    this.#triggerIndex = new PeriodIndex(writer, "EXT_TRIGGER/indexes");
  }

  async write({ t0, words, beside }: EventPacket): Promise<void> {
    const times = this.#times;
    const xyp = this.#xyp;
    let last = this.#last;
    for (let i = 0; i < words.length; i += 2) {
      // The differences of ECF have no sign: a time that falls is held at the one before.
      const t = t0 + words[i]!;
      if (t < last) this.#clamped += 1;
      else last = t;
      times[this.#waiting] = last;
      xyp[this.#waiting] = words[i + 1]!;
      this.#waiting += 1;
      if (this.#waiting === CHUNK) await this.#flush();
    }
    this.#last = last;
    for (const trigger of beside?.triggers ?? []) await this.#trigger(trigger);
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#triggers.flush();
    await this.#index.finish();
    await this.#triggerIndex.finish();
    if (this.#clamped > 0) {
      const text = `${this.#clamped} times that fell were held at the time before: ECF cannot store them`;
      this.#writer.attribute("", "clamped_times", text);
    }
    await this.#writer.finish();
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const count = this.#waiting;
    if (count === 0) return;
    for (let i = 0; i < count; i += 1) {
      if (this.#times[i]! >= this.#index.next) await this.#index.note(this.#written + i, this.#times[i]!);
    }
    await this.#events.addStored(this.#encoder.encode(this.#times, this.#xyp, count), count);
    this.#written += count;
    this.#waiting = 0;
  }

  async #trigger({ t, channel, value }: Trigger): Promise<void> {
    const time = Math.max(t, this.#lastTrigger);
    this.#lastTrigger = time;
    const { view, count, total } = this.#triggers;
    const at = triggerType.bytes * count;
    view.setInt16(at, value, true);
    put64(view, at + 8, t);
    view.setInt16(at + 16, channel, true);
    if (time >= this.#triggerIndex.next) await this.#triggerIndex.note(total, time);
    await this.#triggers.added();
  }
}

/** A new file in the vendor's layout. @throws AppError `unsupported` when the sensor is too large for ECF. */
export async function propheseeSink(
  file: ByteSink,
  sensor: Sensor,
  metadata: Readonly<Record<string, string>>,
): Promise<EventSink> {
  const { width, height } = sensor;
  if (width > 2048 || height > 2048) {
    throw new AppError(
      "unsupported",
      `A sensor of ${width}×${height} does not fit into Prophesee HDF5: it holds up to 2048×2048`,
      {
        hint: "Choose another format.",
      },
    );
  }
  const writer = await Hdf5Writer.create(file);
  for (const [name, text] of ownAttributes(metadata)) writer.attribute("", name, text);
  writer.attribute("", "version", "1.0");
  writer.attribute("", "format", "HDF5");
  writer.attribute("", "geometry", `${width}x${height}`);
  return new PropheseeSink(file, writer);
}
