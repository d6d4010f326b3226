import type { Writable } from "node:stream";
import type { AppErrorData } from "#shared/api/errors.ts";

/** How often a progress line is drawn, and how long something may take before there is one. */
const REDRAW_MS = 100;
const PATIENCE_MS = 1000;
const BAR = 24;

/** The two streams of a command. */
export interface Streams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * What a command says. Results go to stdout: text for people, or JSON and nothing else. Everything about the work goes
 * to stderr.
 */
export class Output {
  readonly json: boolean;
  readonly #streams: Streams;
  readonly #began = performance.now();
  #drawn = 0;
  #shown = "";

  constructor(streams: Streams, json: boolean) {
    this.#streams = streams;
    this.json = json;
  }

  /** Writes to stdout and waits while whoever reads it is slow. */
  async write(chunk: string | Uint8Array): Promise<void> {
    const { stdout } = this.#streams;
    this.#wipe();
    if (stdout.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        stdout.off("drain", go).off("close", go).off("error", go);
        resolve();
      };
      stdout.on("drain", go).on("close", go).on("error", go);
    });
  }

  /** A result for people; nothing with --json. */
  async text(line: string): Promise<void> {
    if (!this.json) await this.write(`${line}\n`);
  }

  /** A result for programs, one line; nothing without --json. */
  async data(value: unknown): Promise<void> {
    if (this.json) await this.write(`${JSON.stringify(value)}\n`);
  }

  /** A remark on stderr. */
  note(line: string): void {
    this.#wipe();
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Shows how far something is, on a terminal and only when it takes longer than a second. */
  progress(fraction: number | undefined, text: string): void {
    const { stderr } = this.#streams;
    const now = performance.now();
    if (stderr.isTTY !== true || now - this.#began < PATIENCE_MS || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const part = fraction === undefined ? undefined : Math.min(1, Math.max(0, fraction));
    const full = Math.round((part ?? 0) * BAR);
    const bar =
      part === undefined ? "" : `${"█".repeat(full)}${"░".repeat(BAR - full)} ${String(Math.floor(part * 100)).padStart(3)} % `;
    const line = `${bar}${text}`.slice(0, (stderr.columns ?? 80) - 1);
    stderr.write(`\r${line.padEnd(this.#shown.length)}`);
    this.#shown = line;
  }

  /** A failure, once. With --json it is the last line of stdout as well. */
  async failure({ code, message, hint }: AppErrorData, extra: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.note(hint === undefined ? `saccade: ${message}` : `saccade: ${message}\n${hint}`);
    await this.data({ ...extra, error: hint === undefined ? { code, message } : { code, message, hint } });
  }

  #wipe(): void {
    if (this.#shown === "") return;
    this.#streams.stderr.write(`\r${" ".repeat(this.#shown.length)}\r`);
    this.#shown = "";
  }
}
