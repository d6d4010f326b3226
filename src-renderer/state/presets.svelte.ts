import type { ParamSpec, RawParams } from "#shared/units/params.ts";
import type { App } from "./app.svelte.ts";

/** What is done once when it is switched on, or belongs to a port: no setting to keep. */
const NOT_KEPT: ReadonlySet<string> = new Set(["resetClock", "resetPixels", "snapshot", "allowSlowPort"]);

/** Of some values, those that a camera of this kind has and that differ from its defaults; and the names it does not know. */
export function settingsFor(
  spec: ParamSpec,
  values: RawParams,
): { readonly params: RawParams; readonly unknown: readonly string[] } {
  const entries = Object.entries(values).filter(([name]) => !NOT_KEPT.has(name));
  const known = entries.filter(([name, value]) => spec[name] !== undefined && value !== spec[name].default);
  return { params: Object.fromEntries(known), unknown: entries.flatMap(([name]) => (spec[name] === undefined ? [name] : [])) };
}

const isParams = (value: unknown): value is RawParams => typeof value === "object" && value !== null && !Array.isArray(value);

/** Settings of a kind of camera, saved by name. */
export class Presets {
  readonly #app: App;
  readonly #key: string;
  readonly all = $derived.by((): Readonly<Record<string, RawParams>> => {
    const text = this.#app.remembered(this.#key, "{}");
    try {
      const value: unknown = JSON.parse(text);
      return isParams(value)
        ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, RawParams] => isParams(entry[1])))
        : {};
    } catch (error) {
      // Written by hand: what cannot be read is no preset.
      if (error instanceof SyntaxError) return {};
      throw error;
    }
  });

  constructor(app: App, driver: string) {
    this.#app = app;
    this.#key = `capture.presets.${driver}`;
  }

  #write(all: Readonly<Record<string, RawParams>>): void {
    this.#app.remember(this.#key, JSON.stringify(all));
  }

  /** Under a name that exists it takes the place of what was there. */
  save(name: string, spec: ParamSpec, values: RawParams): void {
    this.#write({ ...this.all, [name]: settingsFor(spec, values).params });
  }

  remove(name: string): void {
    const { [name]: _gone, ...others } = this.all;
    this.#write(others);
  }

  /** Which one is set just now. */
  nameOf(spec: ParamSpec, values: RawParams): string | undefined {
    const text = (params: RawParams): string => JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
    const now = text(settingsFor(spec, values).params);
    return Object.entries(this.all).find(([, params]) => text(settingsFor(spec, params).params) === now)?.[0];
  }
}
