import type { Frame } from "#shared/events/beside.ts";
import type { Sensor } from "#shared/events/sensor.ts";

/** Largest reading of the converter. */
const FULL = 1023;
/** A reset reading below this, or a signal of zero, is a pixel that was driven beyond its range. */
const LEAST_RESET = 384;

/** Reads of the array: none under way, of the reset level, of the signal. */
type Read = 0 | 1 | 2;

/** Puts frames together from the samples of a DAVIS: the picture is reset level less signal. Only whole frames count. */
export class DavisFrames {
  readonly #sensor: Sensor;
  readonly #orientation: number;
  #active = false;
  #broken = false;
  #started = 0;
  #exposure: { start: number; end: number } | undefined;
  /** Start column, start row, end column, end row. */
  readonly #roi = new Uint16Array(4);
  #roiBytes = 0;
  #width = 0;
  #height = 0;
  #resets = new Uint16Array(0);
  #pixels = new Uint16Array(0);
  #read: Read = 0;
  #row = 0;
  readonly #columns: [unused: number, reset: number, signal: number] = [0, 0, 0];
  #found: Frame[] = [];
  /** Frames of which samples are missing. */
  incomplete = 0;

  /**
   * @param sensor as frames lie upright
   * @param orientation bit 2 swaps x and y, bits 1 and 0 turn x and y round before that
   */
  constructor(sensor: Sensor, orientation: number) {
    const swap = (orientation & 4) !== 0;
    this.#sensor = swap ? { width: sensor.height, height: sensor.width } : sensor;
    this.#orientation = orientation;
  }

  begin(t: number): void {
    if (this.#active) this.incomplete += 1;
    this.#active = true;
    this.#broken = false;
    this.#started = t;
    this.#exposure = undefined;
    this.#roiBytes = 0;
    this.#read = 0;
    this.#columns.fill(0);
    this.#size(0, 0, this.#sensor.width - 1, this.#sensor.height - 1);
  }

  /** A byte of the region that is read out: eight of them, high byte first. */
  region(value: number): void {
    if (!this.#active || this.#roiBytes > 7) return;
    const at = this.#roiBytes >> 1;
    this.#roi[at] = this.#roiBytes & 1 ? (this.#roi[at]! & 0xff00) | value : value << 8;
    this.#roiBytes += 1;
    if (this.#roiBytes === 8) this.#size(this.#roi[0]!, this.#roi[1]!, this.#roi[2]!, this.#roi[3]!);
  }

  #size(left: number, top: number, right: number, bottom: number): void {
    const { width, height } = this.#sensor;
    if (right >= width || bottom >= height || left > right || top > bottom) {
      this.#broken = true;
      return;
    }
    this.#roi.set([left, top, right, bottom]);
    this.#width = right - left + 1;
    this.#height = bottom - top + 1;
    const pixels = this.#width * this.#height;
    if (this.#resets.length === pixels) return;
    this.#resets = new Uint16Array(pixels);
    this.#pixels = new Uint16Array(pixels);
  }

  exposureStart(t: number): void {
    this.#exposure = { start: t, end: t };
  }
  exposureEnd(t: number): void {
    if (this.#exposure !== undefined) this.#exposure.end = t;
  }

  column(read: Read): void {
    this.#read = this.#active ? read : 0;
    this.#row = 0;
  }

  sample(value: number): void {
    const read = this.#read;
    if (read === 0) return;
    const column = this.#columns[read];
    if (column >= this.#width || this.#row >= this.#height) {
      this.#broken = true;
      return;
    }
    const at = column * this.#height + this.#row;
    this.#row += 1;
    if (read === 1) this.#resets[at] = value;
    else {
      const reset = this.#resets[at]!;
      this.#pixels[at] = reset < LEAST_RESET || value === 0 ? FULL : Math.max(0, reset - value);
    }
  }

  columnEnd(): void {
    if (this.#read === 0) return;
    if (this.#row !== this.#height) this.#broken = true;
    this.#columns[this.#read] += 1;
    this.#read = 0;
  }

  end(t: number): void {
    if (!this.#active) return;
    this.#active = false;
    this.#read = 0;
    const [, resets, signals] = this.#columns;
    if (this.#broken || resets !== this.#width || signals !== this.#width) {
      this.incomplete += 1;
      return;
    }
    const exposure = this.#exposure;
    this.#found.push({
      t: exposure === undefined ? t : Math.floor((exposure.start + exposure.end) / 2),
      ...(exposure === undefined ? {} : { exposure }),
      readout: { start: this.#started, end: t },
      ...this.#picture(),
      channels: 1,
    });
  }

  /** Samples come column by column; the picture lies row by row, upright, in 16 bits. */
  #picture(): Pick<Frame, "width" | "height" | "offset" | "pixels"> {
    const [left, top, right, bottom] = this.#roi as unknown as readonly [number, number, number, number];
    const columns = this.#width;
    const rows = this.#height;
    const flipX = (this.#orientation & 2) !== 0;
    const flipY = (this.#orientation & 1) !== 0;
    const swap = (this.#orientation & 4) !== 0;
    const width = swap ? rows : columns;
    const pixels = new Uint16Array(columns * rows);
    for (let column = 0; column < columns; column += 1) {
      const x = flipX ? columns - 1 - column : column;
      for (let row = 0; row < rows; row += 1) {
        const y = flipY ? rows - 1 - row : row;
        const value = this.#pixels[column * rows + row]!;
        pixels[swap ? x * width + y : y * width + x] = (value << 6) | (value >>> 4);
      }
    }
    const x = flipX ? this.#sensor.width - 1 - right : left;
    const y = flipY ? this.#sensor.height - 1 - bottom : top;
    return { width, height: swap ? columns : rows, offset: swap ? { x: y, y: x } : { x, y }, pixels };
  }

  /** Samples were lost: the frame under way is none. */
  forget(): void {
    if (this.#active) this.incomplete += 1;
    this.#active = false;
    this.#read = 0;
  }

  /** Frames completed since the last call. */
  take(): readonly Frame[] {
    if (this.#found.length === 0) return this.#found;
    const found = this.#found;
    this.#found = [];
    return found;
  }
}
