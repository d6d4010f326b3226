import { AppError } from "#shared/api/errors.ts";
import { inputWrites } from "../inivation/input-params.ts";
import { APS, CHIP, DVS, IMU, INPUT, MUX, USB, values, type Write } from "../inivation/registers.ts";
import { biasWrites } from "./biases.ts";
import { davisParams, HOT_PIXELS, type DavisParams } from "./params.ts";

/** What of a board decides over the values that it takes. */
export interface DavisBoard {
  readonly columns: number;
  readonly rows: number;
  /** Bit 2: columns run down the picture. */
  readonly dvsOrientation: number;
  readonly apsOrientation: number;
  /** Optional parts, by what they are. */
  readonly has: {
    readonly pixelFilter: boolean;
    readonly noiseFilter: boolean;
    readonly roi: boolean;
    readonly skip: boolean;
    readonly polarity: boolean;
    readonly globalShutter: boolean;
    readonly generator: boolean;
  };
  /** Clocks, MHz. */
  readonly logicMhz: number;
  readonly adcMhz: number;
  readonly usbMhz: number;
}

const flag = (on: boolean): number => (on ? 1 : 0);
const indexOf = (name: "accelRange" | "gyroRange", value: string): number =>
  (davisParams[name].options as readonly string[]).indexOf(value);

const FILTER_STEP_US = 250;
const PACKET_STEP_US = 125;

/** Switches of the chip as the vendor's driver leaves them. */
const switches: readonly (readonly [number, number])[] = [
  ...[128, 129, 130, 131, 132, 133, 134, 135].map((number) => [number, 0] as const),
  ...([[136, 1], [137, 0], [138, 1], [140, 0], [141, 0], [143, 1], [144, 0]] as const), // prettier-ignore
];

type Window = readonly [left: number, top: number, right: number, bottom: number];

function windowOf(params: DavisParams, prefix: "roi" | "frameRoi", board: DavisBoard): Window {
  const swap = ((prefix === "roi" ? board.dvsOrientation : board.apsOrientation) & 4) !== 0;
  const [width, height] = swap ? [board.rows, board.columns] : [board.columns, board.rows];
  const left = params[`${prefix}X`];
  const top = params[`${prefix}Y`];
  const right = left + Math.min(params[`${prefix}Width`], width) - 1;
  const bottom = top + Math.min(params[`${prefix}Height`], height) - 1;
  if (right >= width || bottom >= height) {
    throw new AppError(
      "bad-parameter",
      `The region ${left}, ${top} to ${right}, ${bottom} leaves the sensor of ${width} × ${height} pixels`,
      {
        hint: `Set "${prefix}X" + "${prefix}Width" to at most ${width} and "${prefix}Y" + "${prefix}Height" to at most ${height}.`,
      },
    );
  }
  return swap ? [top, left, bottom, right] : [left, top, right, bottom];
}

function hotPixels(params: DavisParams, { columns, rows, dvsOrientation }: DavisBoard): readonly Write[] {
  const swap = (dvsOrientation & 4) !== 0;
  return Array.from({ length: HOT_PIXELS }, (_, i) => {
    const number = (i + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
    const x = params[`hotPixel${number}X`];
    const y = params[`hotPixel${number}Y`];
    const [column, row] = swap ? [y, x] : [x, y];
    return values(DVS, [
      [11 + 2 * i, row < 0 ? rows : row],
      [12 + 2 * i, column < 0 ? columns : column],
    ]);
  }).flat();
}

/** All values of a board, in the vendor's order. @throws AppError `bad-parameter` */
export function configuration(params: DavisParams, board: DavisBoard): readonly Write[] {
  const { has, logicMhz, adcMhz, usbMhz } = board;
  const steps = (us: number): number => Math.round(us / FILTER_STEP_US);
  const [left, top, right, bottom] = windowOf(params, "roi", board);
  const [frameLeft, frameTop, frameRight, frameBottom] = windowOf(params, "frameRoi", board);
  const when = (present: boolean, writes: readonly Write[]): readonly Write[] => (present ? writes : []);
  const shutter = flag(params.globalShutter);
  return [
    ...biasWrites(params),
    ...values(CHIP, switches),
    ...values(MUX, [[4, flag(params.dropTriggers)], [5, flag(params.dropEvents)]]), // prettier-ignore
    ...values(DVS, [[4, flag(params.waitEvents)], [5, 0]]), // prettier-ignore
    ...when(has.pixelFilter, hotPixels(params, board)),
    ...when(
      has.noiseFilter,
      values(DVS, [
        [31, flag(params.noiseFilter)],
        [32, steps(params.noiseFilterUs)],
        [33, flag(params.refractoryFilter)],
        [34, steps(params.refractoryFilterUs)],
      ]),
    ),
    ...when(has.roi, values(DVS, [[41, left], [42, top], [43, right], [44, bottom]])), // prettier-ignore
    ...when(has.skip, values(DVS, [[51, flag(params.skip)], [52, params.skipEvery]])), // prettier-ignore
    ...when(
      has.polarity,
      values(DVS, [
        [61, flag(params.flatten)],
        [62, flag(params.polarity !== "both")],
        [63, flag(params.polarity === "OFF only")],
      ]),
    ),
    ...values(APS, [[5, flag(params.framesWait)]]),
    ...when(has.globalShutter, [...values(CHIP, [[142, shutter]]), ...values(APS, [[7, shutter]])]),
    ...values(APS, [
      [8, frameLeft],
      [9, frameTop],
      [10, frameRight],
      [11, frameBottom],
      [12, Math.round(params.exposureUs * adcMhz)],
      [13, Math.round(params.frameIntervalUs * adcMhz)],
    ]),
    ...values(IMU, [
      [5, params.imuDivider],
      [6, params.accelLowPass],
      [7, indexOf("accelRange", params.accelRange)],
      [9, params.gyroLowPass],
      [10, indexOf("gyroRange", params.gyroRange)],
    ]),
    ...inputWrites(params, logicMhz, has.generator),
    ...values(USB, [[1, Math.round(Math.max(1, Math.round(params.packetDelayUs / PACKET_STEP_US)) * PACKET_STEP_US * usbMhz)]]),
  ];
}

/** The parts that send while the camera runs: events always, the others as they are set. */
export const running = (params: DavisParams): readonly Write[] => [
  ...values(DVS, [[3, 1]]),
  ...values(APS, [[4, flag(params.frames)]]),
  ...values(IMU, [[2, flag(params.imu)], [3, flag(params.imu)], [4, flag(params.imu)]]), // prettier-ignore
  ...values(INPUT, [[0, flag(params.triggerIn !== "off")]]),
];

/** Everything off, in the vendor's order. */
export const allOff: readonly Write[] = [
  ...values(DVS, [[3, 0]]),
  ...values(APS, [[4, 0]]),
  ...values(IMU, [[2, 0], [3, 0], [4, 0]]), // prettier-ignore
  ...values(INPUT, [[0, 0]]),
  ...values(MUX, [[0, 0], [1, 0]]), // prettier-ignore
  ...values(USB, [[0, 0]]),
  ...values(MUX, [[3, 0]]),
];
