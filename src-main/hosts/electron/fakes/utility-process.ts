import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { decode, encode, MessagePortMain, takePorts, type End } from "./ports.ts";
import { app, needReady } from "./app.ts";

/** What a fake worker does with the messages it is sent. */
export interface FakeEntry {
  /** Runs in the "process": `parent` is its process.parentPort. */
  (parent: FakeParent): void;
}

/** `process.parentPort` of a fake worker. */
export class FakeParent extends EventEmitter {
  readonly #toMain: (message: unknown) => void;
  constructor(toMain: (message: unknown) => void) {
    super();
    this.#toMain = toMain;
  }
  postMessage(...given: unknown[]): void {
    if (given.length > 1) throw new Error("parentPort.postMessage takes no ports: they would be lost");
    this.#toMain(decode(encode(given[0])));
  }
}

interface Options {
  readonly serviceName?: string;
  readonly stdio?: unknown;
  readonly env?: NodeJS.ProcessEnv;
}

/** Entries by path: a path that is not here is a missing file. */
export const entries = new Map<string, FakeEntry>();
export const processes: UtilityProcess[] = [];

/** A utility process inside the test. */
export class UtilityProcess extends EventEmitter {
  pid: number | undefined;
  readonly stdout: PassThrough | null;
  readonly stderr: PassThrough | null;
  readonly serviceName: string;
  ended = false;
  #spawned = false;
  #parent: FakeParent | undefined;
  readonly #early: { bytes: Buffer; ends: End[] }[] = [];
  readonly #ports: MessagePortMain[] = [];

  constructor(path: string, options: Options) {
    super();
    const piped = options.stdio === "pipe" || (Array.isArray(options.stdio) && options.stdio.length === 3);
    if (options.stdio !== undefined && !piped && typeof options.stdio !== "string") throw new TypeError("Invalid stdio value");
    this.stdout = piped ? new PassThrough() : null;
    this.stderr = piped ? new PassThrough() : null;
    this.serviceName = options.serviceName ?? "Node Utility Process";
    processes.push(this);
    setImmediate(() => {
      if (options.env !== undefined && options.env["PATH"] === undefined) return this.#end(1); // `env` replaces everything
      const entry = entries.get(path);
      if (entry === undefined) return this.#end(1);
      this.pid = 4000 + processes.length;
      this.#spawned = true;
      this.emit("spawn");
      this.#parent = new FakeParent((message) => setImmediate(() => this.ended || this.emit("message", message)));
      entry(this.#parent);
      for (const message of this.#early.splice(0)) this.#deliver(message);
    });
  }

  postMessage(message: unknown, transfer?: unknown): void {
    if (this.ended) return; // silently, and the port is not taken
    const bytes = encode(message);
    const sent = { bytes, ends: takePorts(transfer) };
    if (this.#spawned) this.#deliver(sent);
    else this.#early.push(sent);
  }

  kill(): boolean {
    if (!this.#spawned || this.ended) return false;
    setImmediate(() => this.#end(0));
    return true;
  }

  /** Ends it as a crash does: ports close, and both events come, in either order. */
  crash(code: number, reason: string, exitFirst = false): void {
    const gone = (): void => {
      app.emit(
        "child-process-gone",
        {},
        { type: "Utility", reason, exitCode: code, name: this.serviceName, serviceName: "node.mojom.NodeService" },
      );
    };
    if (!exitFirst) gone();
    this.#end(code);
    if (exitFirst) gone();
  }

  /** A launch that never becomes a process: no `exit`. */
  failLaunch(): void {
    this.ended = true;
    app.emit("child-process-gone", {}, { type: "Utility", reason: "launch-failed", exitCode: 0, name: this.serviceName });
  }

  #deliver({ bytes, ends }: { bytes: Buffer; ends: End[] }): void {
    setImmediate(() => {
      if (this.ended) return;
      const ports = ends.map((end) => new MessagePortMain(end));
      this.#ports.push(...ports);
      this.#parent?.emit("message", { data: decode(bytes), ports });
    });
  }

  #end(code: number): void {
    if (this.ended) return;
    this.ended = true;
    for (const port of this.#ports) port.close();
    this.emit("exit", code);
  }
}

export const utilityProcess = {
  fork: (path: string, _args: readonly string[] = [], options: Options = {}): UtilityProcess => {
    needReady("utilityProcess cannot be created before app is ready.");
    return new UtilityProcess(path, options);
  },
};
