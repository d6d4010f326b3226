import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { createInivationDriver, commonParams, slowPortParam } from "../inivation/driver.ts";
import { sensorParams, sensorSections } from "../inivation/s5k231y.ts";
import { FIRST_WIDE_FIRMWARE } from "../inivation/board.ts";
import { openEarly } from "./early.ts";
import { openWide } from "./wide.ts";
import { inSections } from "../sections.ts";
import type { DriverParts } from "../session/open-device.ts";

const miniParams = inSections({ ...sensorParams, ...commonParams, ...slowPortParam } as const satisfies ParamSpec, [
  ...sensorSections,
  ["Trigger and clock", "advanced", "resetClock"],
  ["Connection", "advanced", "allowSlowPort"],
]);

/** What can be set on a Mini or Micro of either firmware generation. */
export type MiniParams = ParamsOf<typeof miniParams>;

/** iniVation DVXplorer Mini and Micro. */
export const createDvxplorerMini = (parts: DriverParts) =>
  createInivationDriver(
    {
      id: "dvxplorer-mini",
      label: "iniVation DVXplorer Mini",
      summary: "iniVation DVXplorer Mini and Micro (640 × 480) with firmware of either generation, with inertial readings.",
      params: miniParams,
    },
    parts,
    (board, transport, params, pause) =>
      board.firmware >= FIRST_WIDE_FIRMWARE
        ? openWide(board, transport, params, pause)
        : openEarly(board, transport, params, pause),
  );
