import { untrack } from "svelte";
import type { FigureInk } from "./line-figure.ts";

let theme = $state(0);

/** Tells figures that the theme has changed. */
export const themeChanged = (): void => {
  theme = untrack(() => theme) + 1;
};

/** Read it to be drawn again when the theme changes. */
export const themeEpoch = (): number => theme;

/** The inks of the current theme; whoever reads them is drawn again when the theme changes. */
export function figureInk(): FigureInk {
  void theme;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ...{ ink: token("--ink"), ink2: token("--ink-2"), ink3: token("--ink-3"), line: token("--line") },
    ground: token("--panel"),
  };
}
