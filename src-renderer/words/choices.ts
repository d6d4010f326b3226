import type { Settings } from "#shared/api/engine-api.ts";

/** The themes a user can choose; the projector theme belongs to one window and is switched apart. */
export const themes: readonly { readonly value: Settings["theme"]; readonly label: string }[] = [
  { value: "system", label: "System" },
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
];

/** The palettes of event pictures. */
export const palettes: readonly { readonly value: Settings["palette"]; readonly label: string; readonly detail: string }[] = [
  { value: "amber-blue", label: "Amber and blue", detail: "follows the theme" },
  { value: "light", label: "Light", detail: "white ground" },
  { value: "dark", label: "Dark", detail: "navy ground" },
  { value: "cool-warm", label: "Cool and warm", detail: "pale ground" },
  { value: "gray", label: "Gray", detail: "black and white" },
];
