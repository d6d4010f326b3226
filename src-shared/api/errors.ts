/** Every way in which the application can fail, as a closed list. Codes are for programs; people read message and hint. */
export const errorCodes = [
  "aborted", // the caller or the user stopped it
  "bad-argument", // a value that no declaration covers
  "bad-parameter", // a declared parameter outside its range, or an unknown one
  "bad-spec", // a run or sweep file that cannot be carried out as it stands
  "busy", // something else uses the thing
  "camera-gone", // unplugged, or lost power
  "closed", // the channel, stream or workspace has ended
  "damaged", // data that cannot be understood
  "denied", // the system refuses access
  "disk-full",
  "empty", // there is nothing in it
  "exists", // would overwrite
  "internal", // a broken invariant of ours
  "io", // any other failure of file, socket or device
  "no-backend", // no place to compute tensors
  "not-found",
  "out-of-memory",
  "port-in-use",
  "read-only",
  "too-large",
  "training-failed", // loss not finite, worker died, …
  "unknown-format",
  "unknown-unit",
  "unsupported", // understood, but not offered
  "version", // written by a newer program
  "workspace-locked", // another process has it open
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** An error as plain data: what crosses a boundary. */
export interface AppErrorData {
  readonly code: ErrorCode;
  /** What happened to which thing. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/**
 * The one error type that people see. The message says what happened to which thing, the hint what to do.
 * Handle each error exactly once: pass it on or deal with it, never both.
 */
export class AppError extends Error implements AppErrorData {
  readonly code: ErrorCode;
  readonly hint?: string;

  constructor(code: ErrorCode, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}

const isErrorCode = (value: unknown): value is ErrorCode => errorCodes.some((code) => code === value);

/** Whether something has the shape of an error that crossed a boundary. */
export function isAppErrorData(value: unknown): value is AppErrorData {
  return typeof value === "object" && value !== null && "code" in value && isErrorCode(value.code) && "message" in value;
}

/** Any thrown thing as plain data. Foreign errors become `internal` (or `aborted`) and keep their message. */
export function toErrorData(error: unknown): AppErrorData {
  if (isAppErrorData(error)) {
    return error.hint === undefined
      ? { code: error.code, message: error.message }
      : { code: error.code, message: error.message, hint: error.hint };
  }
  if (error instanceof Error) {
    return { code: error.name === "AbortError" ? "aborted" : "internal", message: error.message };
  }
  return { code: "internal", message: String(error) };
}

/** Plain data as an error again. */
export const fromErrorData = ({ code, message, hint }: AppErrorData): AppError =>
  new AppError(code, message, hint === undefined ? {} : { hint });

/** Any thrown thing as an AppError, for code that has to show or pass on one. */
export const toAppError = (error: unknown): AppError => (error instanceof AppError ? error : fromErrorData(toErrorData(error)));
