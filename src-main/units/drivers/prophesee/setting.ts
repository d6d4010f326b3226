import { AppError } from "#shared/api/errors.ts";
import type { PropheseeParams } from "./params.ts";
import type { RegisterStep } from "./register-list.ts";

type Params = PropheseeParams;

/** Something in the sensor that is off or on, with what belongs to it. */
export interface Setting {
  readonly name: string;
  /** Parameters it depends on while it is on. */
  readonly uses: readonly (keyof Params)[];
  isOn(params: Params): boolean;
  turnOn(params: Params): readonly RegisterStep[];
  turnOff(previous: Params): readonly RegisterStep[];
  /** While on, when something it uses has changed; like turning on when left out. */
  change?(params: Params, previous: Params): readonly RegisterStep[];
}

/** A number as register lists have it. */
export const hex = (value: number): string => value.toString(16).toUpperCase();

type Window = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** @param names what the window's parameters begin with. @throws AppError `bad-parameter` when it reaches beyond the sensor. */
export function checkWindow(window: Window, what: string, names: string, width: number, height: number): void {
  const { x, y } = window;
  if (x + window.width <= width && y + window.height <= height) return;
  throw new AppError(
    "bad-parameter",
    `The ${what} (${x}, ${y}, ${window.width} × ${window.height}) reaches beyond the sensor (${width} × ${height})`,
    { hint: `Set "${names}Width" to at most ${width - x} and "${names}Height" to at most ${height - y}.` },
  );
}

/** The region of interest as it is set. @throws AppError `bad-parameter` */
export function regionOf({ roiX, roiY, roiWidth, roiHeight }: Params, width: number, height: number): Window {
  const window = { x: roiX, y: roiY, width: roiWidth, height: roiHeight };
  checkWindow(window, "region of interest", "roi", width, height);
  return window;
}

/** What has to be written to get from one set of values to another: nothing for what stays as it is, and what goes off goes first. */
export const settingSteps = (settings: readonly Setting[], next: Params, previous: Params): readonly RegisterStep[] => [
  ...settings.flatMap((setting) => (setting.isOn(previous) && !setting.isOn(next) ? setting.turnOff(previous) : [])),
  ...settings.flatMap((setting) => {
    if (!setting.isOn(next)) return [];
    if (!setting.isOn(previous)) return setting.turnOn(next);
    if (setting.uses.every((name) => next[name] === previous[name])) return [];
    return setting.change?.(next, previous) ?? setting.turnOn(next);
  }),
];
