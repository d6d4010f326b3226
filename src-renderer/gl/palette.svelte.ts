import { useApp } from "#renderer/state/app.svelte.ts";
import { themeEpoch } from "#renderer/plot/ink.svelte.ts";
import { paletteOf, type EventPalette } from "./palettes.ts";

/** The palette in force, as something to read in an effect or in markup. */
export function usePalette(): { readonly current: EventPalette } {
  const app = useApp();
  const current = $derived.by(() => {
    themeEpoch();
    const style = getComputedStyle(document.documentElement);
    return paletteOf(app.settings.palette, (name) => style.getPropertyValue(name));
  });
  return {
    get current() {
      return current;
    },
  };
}
