import { AppError } from "../api/errors.ts";

/** What every parameter may say besides its value. */
interface ParamWords {
  /** A plain name. */
  readonly label: string;
  readonly help?: string;
  /** What the maker of a device calls it. */
  readonly vendorName?: string;
  /** Which section of a long form it belongs to. */
  readonly group?: string;
  /** Who needs it; everybody when absent. */
  readonly level?: "advanced" | "expert";
}

/** One declared parameter. The same declaration validates, documents, draws the form and parses the command line. */
export type Param = ParamWords &
  (
    | {
        readonly type: "number" | "integer";
        readonly default: number;
        readonly min?: number;
        readonly max?: number;
        readonly unit?: string;
        /** The part of the range that is recommended. */
        readonly recommended?: readonly [min: number, max: number];
      }
    | { readonly type: "boolean"; readonly default: boolean }
    | { readonly type: "choice"; readonly default: string; readonly options: readonly string[] }
    | { readonly type: "path" | "text"; readonly default: string }
  );

/** The parameters of a unit, by name. */
export type ParamSpec = Readonly<Record<string, Param>>;

type ValueOf<P extends Param> = P extends { type: "number" | "integer" }
  ? number
  : P extends { type: "boolean" }
    ? boolean
    : P extends { type: "choice"; options: readonly (infer O)[] }
      ? O
      : string;

/** The value type that matches a parameter declaration. */
export type ParamsOf<S extends ParamSpec> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** Raw values as they come from a file, a form or the command line. */
export type RawParams = Readonly<Record<string, unknown>>;

function describe(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : (JSON.stringify(value) ?? String(value));
}

function fail(owner: string, name: string, value: unknown, expected: string): never {
  throw new AppError("bad-parameter", `${owner}: "${name}" is ${describe(value)}, expected ${expected}`, {
    hint: `Set "${name}" to ${expected}, or leave it out to use the default.`,
  });
}

function numberFrom(param: Extract<Param, { type: "number" | "integer" }>, owner: string, name: string, raw: unknown): number {
  const { min = -Infinity, max = Infinity } = param;
  const range =
    min === -Infinity && max === Infinity
      ? ""
      : max === Infinity
        ? ` of at least ${min}`
        : min === -Infinity
          ? ` of at most ${max}`
          : ` from ${min} to ${max}`;
  const expected = `${param.type === "integer" ? "a whole number" : "a number"}${range}${param.unit ? ` (${param.unit})` : ""}`;
  const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
  if (typeof value !== "number" || !Number.isFinite(value)) fail(owner, name, raw, expected);
  if (param.type === "integer" && !Number.isInteger(value)) fail(owner, name, raw, expected);
  if (value < min || value > max) fail(owner, name, raw, expected);
  return value;
}

function valueFrom(param: Param, owner: string, name: string, raw: unknown): number | boolean | string {
  switch (param.type) {
    case "number":
    case "integer":
      return numberFrom(param, owner, name, raw);
    case "boolean":
      if (typeof raw === "boolean") return raw;
      if (raw === "true" || raw === "false") return raw === "true";
      return fail(owner, name, raw, "true or false");
    case "choice":
      if (typeof raw === "string" && param.options.includes(raw)) return raw;
      return fail(owner, name, raw, `one of ${param.options.join(", ")}`);
    case "path":
    case "text":
      return typeof raw === "string" ? raw : fail(owner, name, raw, "text");
  }
}

/**
 * The only validator: fills defaults, converts the command line's text, checks ranges and refuses unknown names.
 * @param owner names the thing in messages, e.g. `filter "refractory"`.
 * @throws AppError `bad-parameter`, naming the parameter, its value and what is allowed.
 */
export function parseParams<S extends ParamSpec>(spec: S, raw: RawParams = {}, owner = "parameters"): ParamsOf<S> {
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(spec, name)) {
      const known = Object.keys(spec);
      throw new AppError("bad-parameter", `${owner}: unknown parameter "${name}"`, {
        hint: known.length > 0 ? `Known: ${known.join(", ")}.` : "It takes no parameters.",
      });
    }
  }
  const entries = Object.entries(spec).map(([name, param]) => {
    const value = raw[name];
    return [name, value === undefined ? param.default : valueFrom(param, owner, name, value)] as const;
  });
  return Object.fromEntries(entries) as ParamsOf<S>;
}

/** The defaults of a declaration. */
export const defaultsOf = <S extends ParamSpec>(spec: S): ParamsOf<S> => parseParams(spec);
