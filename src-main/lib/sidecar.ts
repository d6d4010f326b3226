import { readFile } from "node:fs/promises";
import type { Sensor, TimeRange } from "#shared/events/sensor.ts";
import { AppError, type AppErrorData } from "#shared/api/errors.ts";
import type { ClockEstimate, Together } from "#shared/api/stream-api.ts";
import type { RawParams } from "#shared/units/params.ts";
import { fileError, writeAtomic } from "./files.ts";

/** What is known about a recording and does not fit into its file: camera, settings, losses. */
export interface Sidecar {
  readonly schema: 1;
  /** "recording" in a file that is still growing, or whose writer has died; "closed" once it is complete. */
  readonly state: "recording" | "closed";
  readonly codec: string;
  readonly encoding: string;
  /** Codec that the file has yet to be rewritten with: it holds a camera's bytes as they came. */
  readonly becomes?: string;
  /** Name of the file with the camera's bytes that this one was made from. */
  readonly madeFrom?: string;
  readonly sensor: Sensor;
  /** Absent for files that no camera has made. */
  readonly camera?: {
    readonly id: string;
    readonly driver: string;
    readonly label: string;
    readonly serial: string;
    readonly virtual: boolean;
    readonly params: RawParams;
  };
  /** Made by a simulator, not by looking at the world. */
  readonly generated: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  readonly closedAt?: string;
  readonly events?: number;
  readonly bytes?: number;
  /** µs on the recorded clock. */
  readonly range?: TimeRange;
  readonly losses?: { readonly dropped: number; readonly damage: number; readonly peakBacklogBytes: number };
  /** Recordings of several cameras that were begun together have the same. */
  readonly together?: Together;
  /** When this recording's time `t` (µs) was, on the clock of the machine that recorded it, and how much faster the camera's clock ran. */
  readonly clock?: ClockEstimate;
  /** Why the recording ended by itself. */
  readonly stopped?: AppErrorData;
}

/** Where the sidecar of an event file lies: `<file>.json`, so that two formats of one recording do not share one. */
export const sidecarPath = (eventFile: string): string => `${eventFile}.json`;

/** Writes the sidecar so that it is either the old or the new one. */
export const writeSidecar = (eventFile: string, sidecar: Sidecar): Promise<void> =>
  writeAtomic(sidecarPath(eventFile), `${JSON.stringify(sidecar, undefined, 2)}\n`);

/** The sidecar of an event file; `undefined` when it has none. @throws AppError `damaged` when it is no sidecar. */
export async function readSidecar(eventFile: string): Promise<Sidecar | undefined> {
  const path = sidecarPath(eventFile);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const failure = fileError(error, path, "read");
    if (failure.code === "not-found") return undefined;
    throw failure;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("damaged", `${path} is not JSON`, { hint: "Delete it; the recording itself is not affected.", cause });
  }
  if (typeof value !== "object" || value === null || !("schema" in value) || value.schema !== 1 || !("state" in value)) {
    throw new AppError("damaged", `${path} does not describe a recording`, {
      hint: "Delete it; the recording itself is not affected.",
    });
  }
  return value as Sidecar;
}
