import { AppError } from "#shared/api/errors.ts";
import type { PropheseeParams } from "./params.ts";
import { registerList, type RegisterStep } from "./register-list.ts";
import { checkWindow, hex, regionOf, type Setting } from "./setting.ts";

/*
 * What the sensor leaves out: all but a window, a window, single pixels, and everything while the rate is out of bounds.
 */

const PIXELS = "0004";
const COLUMN_MASKS = 0x2000;
const ROW_MASKS = 0x4000;
const CROP = "900C";
const CROP_START = "9010";
const CROP_END = "9014";
const PIXEL_MASKS = 0x9100;
const VALID = 0x8000_0000;

/** Bits `[from, from + count)` of a row of 32-bit words. */
function bits(words: number, from: number, count: number): readonly number[] {
  const masks = new Uint32Array(words);
  for (let bit = from; bit < from + count; bit++) masks[bit >> 5] = (masks[bit >> 5] ?? 0) | (1 << (bit & 31));
  return [...masks];
}

const words = (address: number, values: readonly number[]): string =>
  values.map((value, i) => `${hex(address + 4 * i)}=${hex(value)}`).join(" ");

/** Row words run upwards; of the last one only half are rows, and the rest stays as it is. */
function rowWords(height: number, values: readonly number[]): string {
  const rest = height & 31;
  const whole = values.slice(0, -1);
  const last = values.at(-1) ?? 0;
  const address = hex(ROW_MASKS + 4 * whole.length);
  return `${words(ROW_MASKS, whole)} ${address}:${hex(2 ** rest - 1)}=${hex(last)}`;
}

/**
 * All but a window (RONI) of IMX636 and Gen4.1: the lines of the window are masked, and only where a masked column crosses a masked row
 * pixels are off (bit 6 of the array's control). Bit 5 hands the masks over.
 */
export const outsideOf = (width: number, height: number): Setting => {
  const columnCount = width >> 5;
  const rowCount = (height + 31) >> 5;
  const none = `${words(COLUMN_MASKS, bits(columnCount, 0, 0))} ${rowWords(height, bits(rowCount, 0, 0))}`;
  return {
    name: "all but a region",
    uses: ["roi", "roiX", "roiY", "roiWidth", "roiHeight"],
    isOn: ({ roi }) => roi === "all but the window",
    turnOn: (params) => {
      const window = regionOf(params, width, height);
      return registerList(`
        ${words(COLUMN_MASKS, bits(columnCount, window.x, window.width))}
        ${rowWords(height, bits(rowCount, height - window.y - window.height, window.height))} ${PIXELS}:62=22`);
    },
    turnOff: () => registerList(`${none} ${PIXELS}:62=62`),
  };
};

/** Digital crop: events outside leave the array and are dropped behind it. @param bits what its control holds when on and off */
export const crop = (width: number, height: number, bits: { readonly on: string; readonly off: string }): Setting => ({
  name: "digital crop",
  uses: ["crop", "cropX", "cropY", "cropWidth", "cropHeight"],
  isOn: (params) => params.crop,
  turnOn: (params) => {
    const { cropX: x, cropY: y } = params;
    checkWindow({ x, y, width: params.cropWidth, height: params.cropHeight }, "crop", "crop", width, height);
    const [right, bottom] = [x + params.cropWidth - 1, y + params.cropHeight - 1];
    const field = width > 512 ? "7FF" : "1FF";
    return registerList(`
      ${CROP_START}:${field}=${hex(x)} ${CROP_START}:3FF0000=${hex(y << 16)}
      ${CROP_END}:${field}=${hex(right)} ${CROP_END}:3FF0000=${hex(bottom << 16)} ${CROP}:15=${bits.on}`);
  },
  turnOff: () => registerList(`${CROP}:15=${bits.off}`),
});

type Pixel = readonly [x: number, y: number];

/** Pixels from text: "10,20 30,40". @throws AppError `bad-parameter` */
function pixelsOf({ maskedPixels }: PropheseeParams, width: number, height: number, most: number): readonly Pixel[] {
  const parts = maskedPixels.split(/[\s;]+/).filter((part) => part !== "");
  const pixels = parts.map((part): Pixel => {
    const [, x, y] = /^(\d+),(\d+)$/.exec(part) ?? [];
    if (x !== undefined && y !== undefined && Number(x) < width && Number(y) < height) return [Number(x), Number(y)];
    throw new AppError("bad-parameter", `"${part}" is no pixel of a sensor of ${width} × ${height}`, {
      hint: 'Write "maskedPixels" as column,row with spaces in between: 10,20 300,400.',
    });
  });
  if (pixels.length <= most) return pixels;
  throw new AppError("bad-parameter", `${pixels.length} pixels are to be masked; the sensor takes ${most}`, {
    hint: "Leave some out, or use the hot-pixel filter.",
  });
}

/** What of a list of slots has to be written: slots that hold something else, and those that fall empty. */
function slotSteps<T>(
  next: readonly T[],
  previous: readonly T[],
  fill: (slot: number, value: T) => string,
  empty: (slot: number) => string,
): readonly RegisterStep[] {
  const filled = next.flatMap((value, i) => (String(value) === String(previous[i]) ? [] : [fill(i, value)]));
  const emptied = previous.flatMap((_, i) => (i < next.length ? [] : [empty(i)]));
  return registerList([...filled, ...emptied].join(" "));
}

const masks = <T>(
  slotsOf: (params: PropheseeParams) => readonly T[],
  fill: (slot: number, value: T) => string,
  empty: (slot: number) => string,
): Setting => ({
  name: "masked pixels",
  uses: ["maskedPixels"],
  isOn: ({ maskedPixels }) => maskedPixels.trim() !== "",
  turnOn: (params) => slotSteps(slotsOf(params), [], fill, empty),
  turnOff: (previous) => slotSteps([], slotsOf(previous), fill, empty),
  change: (params, previous) => slotSteps(slotsOf(params), slotsOf(previous), fill, empty),
});

/** Single pixels of IMX636 and Gen4.1. Rows are counted as in the vendor's driver; an independent one counts them upwards. */
export const hdMasks = masks(
  (params) => pixelsOf(params, 1280, 720, 64),
  (slot, [x, y]) => {
    const address = hex(PIXEL_MASKS + 4 * slot);
    return `${address}:7FF=${hex(x)} ${address}:3FF0000=${hex(y << 16)} ${address}+${hex(VALID)}`;
  },
  (slot) => `${hex(PIXEL_MASKS + 4 * slot)}-${hex(VALID)}`,
);

/** A group of 32 pixels of a row of GenX320, and which of them are masked. */
type Group = readonly [place: number, mask: number];

/** Slots are not told of beyond these. */
const GENX320_SLOTS = 16;

function groupsOf(params: PropheseeParams): readonly Group[] {
  const groups = new Map<number, number>();
  for (const [x, y] of pixelsOf(params, 320, 320, 32 * GENX320_SLOTS)) {
    const place = (y << 4) | (x >> 5);
    groups.set(place, ((groups.get(place) ?? 0) | (1 << (x & 31))) >>> 0);
  }
  if (groups.size <= GENX320_SLOTS) return [...groups];
  throw new AppError("bad-parameter", `The masked pixels lie in ${groups.size} groups; the sensor takes ${GENX320_SLOTS}`, {
    hint: "Leave some out, or use the hot-pixel filter. 32 neighbors of a row are one group.",
  });
}

/** Single pixels of GenX320, 32 neighbors of a row in a slot. */
export const genx320Masks = masks(
  groupsOf,
  (slot, [place, mask]) => {
    const address = PIXEL_MASKS + 8 * slot;
    return `${hex(address)}=${hex((VALID | place) >>> 0)} ${hex(address + 4)}=${hex(mask)}`;
  },
  (slot) => `${hex(PIXEL_MASKS + 8 * slot)}-${hex(VALID)}`,
);

/** So many events per window of 1000 µs. */
const perWindow = (mev: number): string => hex(Math.round(mev * 1000));

/** Gate of GenX320: nothing passes while the rate is below or above its bounds. Each bound opens and closes at the same rate. */
export const rateGate: Setting = {
  name: "event rate gate",
  uses: ["rateGate", "rateGateMinMev", "rateGateMaxMev"],
  isOn: (params) => params.rateGate === true,
  turnOn: ({ rateGateMinMev = 0, rateGateMaxMev = 0 }) => {
    if (rateGateMinMev >= rateGateMaxMev) {
      throw new AppError(
        "bad-parameter",
        `The rate gate from ${rateGateMinMev} to ${rateGateMaxMev} million events/s lets nothing pass`,
        {
          hint: 'Set "rateGateMinMev" below "rateGateMaxMev".',
        },
      );
    }
    const [low, high] = [perWindow(rateGateMinMev), perWindow(rateGateMaxMev)];
    return registerList(`E000=5 E008=3E8 E00C=${low} E010=${low} E018=${high} E014=${high} E01C=0 E000=1`);
  },
  turnOff: () => registerList("E000=5"),
};
