import type { EngineApi } from "#shared/api/engine-api.ts";
import type { StreamApi, StreamWorkerApi } from "#shared/api/stream-api.ts";
import type { Remote } from "#shared/channel/channel.ts";
import type { Param } from "#shared/units/params.ts";
import type { Output } from "./output.ts";

/** One `--option`. The parameter is declared as for a form; it validates, documents and converts. */
export interface Option {
  readonly param: Param;
  /** Word for the value in help: `--from TIME`. */
  readonly value?: string;
  /** May be given several times; each value is text. */
  readonly many?: true;
  /** Stays undefined when it is not given; without this the parameter's default is used. */
  readonly optional?: true;
}
export type Options = Readonly<Record<string, Option>>;

type ValueOf<P extends Param> = P extends { type: "number" | "integer" }
  ? number
  : P extends { type: "boolean" }
    ? boolean
    : string;

/** What has been given for declared options. */
export type Given<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { many: true }
    ? readonly string[]
    : O[K] extends { optional: true }
      ? ValueOf<O[K]["param"]> | undefined
      : ValueOf<O[K]["param"]>;
};

/** A word without dashes that a command takes. */
export interface Positional {
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** One or more (none or more when optional); only the last one. */
  readonly many?: true;
}

/** A stream worker of a command's own. */
export type StreamWorker = Remote<StreamWorkerApi & { readonly stream: StreamApi }>;

/** What a command works with. Everything is started when it is first asked for and closed by the caller. */
export interface Context {
  readonly out: Output;
  /** Aborted by Ctrl-C: finish, keep what is done, return. */
  readonly signal: AbortSignal;
  /** The workspace folder from `--workspace`; undefined: the user's own. */
  readonly workspace: string | undefined;
  /** A stream worker, for work on files; needs no workspace. */
  readonly worker: () => Promise<StreamWorker>;
  /** One more each time it is asked for: every open camera has its own. */
  readonly anotherWorker: () => Promise<StreamWorker>;
  /** The whole engine, with the workspace open. */
  readonly engine: () => Promise<EngineApi>;
}

/** One verb of the command line. */
export interface Command<O extends Options = Options> {
  /** `["dataset", "add"]` is `saccade dataset add`. */
  readonly path: readonly string[];
  readonly summary: string;
  /** What `--help` adds, one paragraph each. */
  readonly details?: readonly string[];
  readonly positionals: readonly Positional[];
  readonly options: O;
  /** The machine output, for the documentation. */
  readonly output?: string;
  run(context: Context, args: readonly string[], given: Given<O>): Promise<void>;
}

/** Keeps the types of a command's options while it is declared. */
export const command = <const O extends Options>(declared: Command<O>): Command => declared;

/** Wrong usage: exit code 2. */
export class UsageError extends Error {
  /** The command whose help tells the right usage. */
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.name = "UsageError";
    this.path = path;
  }
}

/** Several things were asked for and some failed; each has been reported already. */
export class PartialFailure extends Error {}
