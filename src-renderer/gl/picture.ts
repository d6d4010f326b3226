import { rgbOf, type EventPalette, type Rgb } from "./palettes.ts";

/** How events become colours. */
export const pictureModes = ["window", "decay", "counts", "surface"] as const;
export type PictureMode = (typeof pictureModes)[number];

/** Everything a drawer needs besides the field. */
export type Look = {
  readonly mode: PictureMode;
  /** Span shown, µs; Infinity keeps accumulating. */
  readonly windowUs: number;
  /** 1 is normal. */
  readonly contrast: number;
  readonly palette: EventPalette;
};

/** Where the sensor's pixels lie on the canvas, in device pixels. */
export type Placement = {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  /** The zoom is no whole number: an area filter draws, and the view says "fit". */
  readonly fit: boolean;
};

/** Share of the well that may stay empty before whole-number zoom is given up. */
const MOST_EMPTY = 0.45;

/** The largest whole-number zoom that fits, or a filtered fit where that would leave too much of the well empty. */
export function place(sensor: { width: number; height: number }, width: number, height: number, lens: Lens = noLens): Placement {
  const fit = Math.min(width / sensor.width, height / sensor.height);
  const whole = Math.floor(fit);
  const filled = (whole * whole * sensor.width * sensor.height) / (width * height);
  const fits = whole < 1 || (1 - filled > MOST_EMPTY && fit - whole > 0.05);
  const base = fits ? fit : whole;
  const zoom = lens.factor === 1 ? base : Math.max(1, Math.round(base * lens.factor));
  const x = Math.round(width / 2 - lens.x * sensor.width * zoom);
  const y = Math.round(height / 2 - lens.y * sensor.height * zoom);
  return { x, y, zoom, fit: zoom !== Math.round(zoom) };
}

/** A closer look: factor over the natural zoom, and the point of the sensor (0 to 1) in the middle. */
export type Lens = { readonly factor: number; readonly x: number; readonly y: number };
export const noLens: Lens = { factor: 1, x: 0.5, y: 0.5 };

/** The lens after the wheel has turned over a point (canvas pixels), which stays where it is. */
export function turnLens(
  lens: Lens,
  sensor: { width: number; height: number },
  size: { width: number; height: number },
  point: { x: number; y: number },
  inwards: boolean,
): Lens {
  const before = place(sensor, size.width, size.height, lens);
  const factor = Math.min(32, Math.max(1, lens.factor * (inwards ? 1.5 : 1 / 1.5)));
  if (factor <= 1.01) return noLens;
  const u = (point.x - before.x) / before.zoom;
  const v = (point.y - before.y) / before.zoom;
  const { zoom } = place(sensor, size.width, size.height, { ...lens, factor });
  const held = (value: number): number => Math.min(1, Math.max(0, value));
  return {
    factor,
    x: held((u - (point.x - size.width / 2) / zoom) / sensor.width),
    y: held((v - (point.y - size.height / 2) / zoom) / sensor.height),
  };
}

/** Strength at which a decaying event is forgotten: e^-2.2 of it is left at the end of the window. */
export const DECAY = 2.2;

/** Cividis at nine places (Nuñez, Anderton, Renslow: Optimizing colormaps …, PLoS ONE 2018). */
export const cividis: readonly Rgb[] = [
  "#00204d",
  "#00306f",
  "#39486b",
  "#575d6d",
  "#707173",
  "#8a8779",
  "#a69d75",
  "#c4b56c",
  "#ffea46",
].map(rgbOf);

/** A colour of a map at 0 to 1. */
export function mapped(map: readonly Rgb[], at: number): Rgb {
  const position = Math.min(1, Math.max(0, at)) * (map.length - 1);
  const low = Math.floor(position);
  const a = map[low] ?? [0, 0, 0];
  const b = map[Math.min(map.length - 1, low + 1)] ?? a;
  const part = position - low;
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

/** Events of one polarity at which a pixel of the counts mode is in full colour. */
export const FULL_COUNT = 6;
