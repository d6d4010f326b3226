import { firstOrbit, type Orbit } from "#renderer/gl/space-time.ts";
import { noLens, pictureModes, type Lens, type PictureMode } from "#renderer/gl/picture.ts";
import type { App } from "./app.svelte.ts";

/** Shortest and longest window, µs. */
export const WINDOW_MIN_US = 100;
export const WINDOW_MAX_US = 5_000_000;

/** How the event picture is shown. One per page, so that Capture and Library keep their own. */
export class EventViewState {
  mode = $state<PictureMode>("decay");
  /** How much is on screen: a span, or a number of events. */
  windowKind = $state<"time" | "count">("time");
  windowUs = $state(20_000);
  windowEvents = $state(10_000);
  contrast = $state(1);
  /** Keeps everything since it was switched on. */
  accumulate = $state(false);
  lens = $state.raw<Lens>(noLens);
  /** Points in space and time instead of the flat picture. */
  space = $state(false);
  orbit = $state.raw<Orbit>(firstOrbit);
  /** The next drag draws a region; held: while its key is down, else until one has been drawn. */
  drawing = $state<"held" | "once" | undefined>();
  /** The picture has the whole screen. */
  full = $state(false);
  /** What the window turned out to hold, told by the picture: its span and its events. */
  shown = $state.raw({ spanUs: 20_000, events: 0 });
  readonly #app: App;
  readonly #name: string;

  constructor(app: App, name: string) {
    this.#app = app;
    this.#name = name;
    const mode = app.remembered(`${name}.mode`, "decay");
    this.mode = pictureModes.find((one) => one === mode) ?? "decay";
    this.windowUs = app.remembered(`${name}.windowUs`, 20_000);
    this.windowEvents = app.remembered(`${name}.windowEvents`, 10_000);
    this.windowKind = app.remembered(`${name}.windowKind`, "time") === "count" ? "count" : "time";
  }

  setSpace(space: boolean): void {
    this.space = space;
    this.drawing = undefined;
  }

  setMode(mode: PictureMode): void {
    this.mode = mode;
    this.#app.remember(`${this.#name}.mode`, mode);
  }

  setWindow(value: number): void {
    if (this.windowKind === "time") this.windowUs = Math.round(Math.min(WINDOW_MAX_US, Math.max(WINDOW_MIN_US, value)));
    else this.windowEvents = Math.round(Math.min(2_000_000, Math.max(10, value)));
    this.#app.remember(
      `${this.#name}.${this.windowKind === "time" ? "windowUs" : "windowEvents"}`,
      this.windowKind === "time" ? this.windowUs : this.windowEvents,
    );
  }

  setKind(kind: "time" | "count"): void {
    this.windowKind = kind;
    this.#app.remember(`${this.#name}.windowKind`, kind);
  }

  /** One key press longer or shorter: steps of 1, 2, 5. */
  stepWindow(longer: boolean): void {
    this.setWindow(stepOneTwoFive(this.windowKind === "time" ? this.windowUs : this.windowEvents, longer));
  }
}

/** The next value of the series 1, 2, 5, 10, … above or below. */
export function stepOneTwoFive(value: number, up: boolean): number {
  const series = [1, 2, 5, 10, 20, 50];
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const steps = series.map((step) => (step / 10) * decade * 10).concat(series.map((step) => (step * decade) / 10));
  const sorted = [...new Set(steps)].sort((a, b) => a - b);
  const next = up ? sorted.find((step) => step > value * 1.0001) : sorted.findLast((step) => step < value * 0.9999);
  return next ?? value;
}
