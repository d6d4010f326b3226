import { existsSync, readFileSync, renameSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { createTopic, type Topic } from "./topic.ts";

const FILE = "settings.json";
const VERSION = 1;

const defaults: Settings = {
  version: VERSION,
  theme: "dark",
  palette: "amber-blue",
  backend: "auto",
  singleKeys: true,
  reducedMotion: false,
  tourStep: 0,
  ui: {},
};

const oneOf =
  (...options: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === "string" && options.includes(value);
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

/** What each setting may be. Keys that are not listed are kept as they are: a newer version may know them. */
const checks: Readonly<Record<string, readonly [test: (value: unknown) => boolean, expected: string]>> = {
  theme: [oneOf("system", "dark", "light"), "system, dark or light"],
  palette: [oneOf("amber-blue", "light", "dark", "cool-warm", "gray"), "amber-blue, light, dark, cool-warm or gray"],
  backend: [isText, "the name of a backend"],
  singleKeys: [isBoolean, "true or false"],
  reducedMotion: [isBoolean, "true or false"],
  tourStep: [(value) => Number.isInteger(value), "a whole number"],
  lastWorkspace: [isText, "a folder"],
  ui: [(value) => typeof value === "object" && value !== null && !Array.isArray(value), "an object"],
};

export interface SettingsStore {
  readonly topic: Topic<Settings>;
  get(): Settings;
  /** Changes some settings and saves them; `ui` is merged. @throws AppError `bad-argument`. */
  set(patch: Readonly<Record<string, unknown>>): Promise<Settings>;
  /** What went wrong while reading, for the user. */
  readonly notices: readonly string[];
}

function read(file: string): { readonly settings: Settings; readonly notices: readonly string[] } {
  if (!existsSync(file)) return { settings: defaults, notices: [] };
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw fileError(error, file, "read");
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    return { settings: defaults, notices: [`The settings could not be read and start anew. The old file is ${aside}.`] };
  }
  const known = Object.entries(raw).filter(([key, value]) => checks[key]?.[0](value) ?? true);
  return { settings: { ...defaults, ...Object.fromEntries(known), version: VERSION }, notices: [] };
}

/** The user's choices, in one file in the data folder. */
export function openSettings(data: string): SettingsStore {
  const file = join(data, FILE);
  const { settings, notices } = read(file);
  const topic = createTopic<Settings>(settings);
  let saving: Promise<void> = Promise.resolve();
  return {
    topic,
    notices,
    get: () => topic.value,
    set: async (patch) => {
      for (const [key, value] of Object.entries(patch)) {
        const check = checks[key];
        if (check !== undefined && value !== undefined && !check[0](value)) {
          throw new AppError("bad-argument", `The setting "${key}" is ${JSON.stringify(value)}, expected ${check[1]}`);
        }
      }
      const ui = { ...topic.value.ui, ...(patch["ui"] as Settings["ui"] | undefined) };
      const next = { ...topic.value, ...patch, ui, version: VERSION } as Settings;
      topic.set(next);
      // One after the other, each writing what is newest then: two quick changes cannot end in the older one.
      saving = saving
        .catch(() => undefined)
        .then(async () => {
          await mkdir(data, { recursive: true });
          await writeAtomic(file, `${JSON.stringify(topic.value, undefined, 2)}\n`);
        });
      await saving;
      return topic.value;
    },
  };
}
