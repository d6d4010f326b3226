import { AppError } from "../api/errors.ts";
import type { ParamSpec, RawParams } from "./params.ts";

/** A plug-in: one plain object that describes itself and does one thing. */
export interface Unit<S extends ParamSpec = ParamSpec> {
  /** Kebab-case, unique within its kind, written into files: never renamed. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** One sentence; with a citation where there is a paper. */
  readonly summary: string;
  readonly params: S;
}

/** How a unit is named in a file, on the command line and across a boundary. */
export interface UnitRef {
  readonly id: string;
  readonly params?: RawParams;
}

/** The kinds of unit, as their folders are called. */
export const unitKinds = [
  "encodings",
  "codecs",
  "drivers",
  "filters",
  "representations",
  "datasets",
  "neurons",
  "surrogates",
  "models",
  "transfers",
  "augmentations",
  "backends",
] as const;
export type UnitKind = (typeof unitKinds)[number];

/** What can be told about a unit without loading it: the unit less its functions. */
export type UnitDescriptor = Pick<Unit, "id" | "label" | "summary" | "params"> & {
  /** Of transfers: whether it cannot do without pictures (or a trained model). */
  readonly needsSource?: boolean;
};

/** Descriptors of all units, for forms and help. */
export type Catalog = Readonly<Record<Exclude<UnitKind, "codecs">, readonly UnitDescriptor[]>> & {
  readonly codecs: readonly CodecDescriptor[];
};

/** A recording format: what its files are called, whether it can be written, and what it can hold beside events. */
export interface CodecDescriptor extends UnitDescriptor {
  readonly extensions: readonly string[];
  readonly writes: boolean;
  readonly holds: readonly ("triggers" | "frames" | "imu")[];
}

/** A unit's description as plain data. */
export const describeUnit = ({ id, label, summary, params }: Unit): UnitDescriptor => ({ id, label, summary, params });

/**
 * The unit of that id.
 * @throws AppError `unknown-unit` naming the kind, the id and what there is.
 */
export function findUnit<U extends Unit>(kind: string, units: readonly U[], id: string): U {
  const unit = units.find((candidate) => candidate.id === id);
  if (unit === undefined) {
    throw new AppError("unknown-unit", `There is no ${kind} called "${id}"`, {
      hint: `Known: ${units.map((candidate) => candidate.id).join(", ")}.`,
    });
  }
  return unit;
}
