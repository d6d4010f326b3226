import type { Settings } from "#shared/api/engine-api.ts";

/** Red, green, blue, 0 to 1. */
export type Rgb = readonly [number, number, number];

/** Colours of an event picture: ground, ON and OFF. */
export type EventPalette = { readonly ground: Rgb; readonly on: Rgb; readonly off: Rgb };

/** `#rrggbb` as numbers. */
export function rgbOf(hex: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex.trim());
  if (match === null) return [0.5, 0.5, 0.5];
  const part = (at: number): number => parseInt(match[at] ?? "80", 16) / 255;
  return [part(1), part(2), part(3)];
}

/** Numbers as CSS. */
export const cssOf = ([r, g, b]: Rgb): string => `rgb(${Math.round(r * 255)} ${Math.round(g * 255)} ${Math.round(b * 255)})`;

// The four palettes users of OpenEB know; colours as in its `sdk/modules/core` (light, dark, cool-warm, gray).
const fixed: Readonly<Record<Exclude<Settings["palette"], "amber-blue">, EventPalette>> = {
  light: { ground: rgbOf("#ffffff"), on: rgbOf("#407ec9"), off: rgbOf("#1e2534") },
  dark: { ground: rgbOf("#1e2534"), on: rgbOf("#ffffff"), off: rgbOf("#407ec9") },
  "cool-warm": { ground: rgbOf("#dcdcdc"), on: rgbOf("#d65f4a"), off: rgbOf("#4a74d6") },
  gray: { ground: rgbOf("#808080"), on: rgbOf("#ffffff"), off: rgbOf("#000000") },
};

/** The colours of a palette; amber and blue follow the theme's tokens. */
export function paletteOf(name: Settings["palette"], token: (name: string) => string): EventPalette {
  if (name !== "amber-blue") return fixed[name];
  return { ground: rgbOf(token("--well")), on: rgbOf(token("--on")), off: rgbOf(token("--off")) };
}
