import { PortEnds, type Port } from "#shared/channel/port.ts";
import { AppError } from "#shared/api/errors.ts";

/*
 * Several ports over one. A stream worker that runs as a plain Node process has one pipe to its host; the engine's line
 * and the private lines of the pages share it. What crosses the pipe:
 *
 *   { kind: "hello", role, node, pid }         worker to host, once, before anything else
 *   { kind: "open", to: name }                 a line of that name begins; never for "main", which is always there
 *   { kind: "data", to: name, message }        one message of a line
 *   { kind: "close", to: name }                this end of the line is closed, the other ends with it
 *
 * The line "main" is the engine's (StreamWorkerApi with StreamApi under `stream`); every other line is a page's
 * (StreamApi). Under Electron the same names travel beside real ports: the worker posts the hello on its parentPort, and
 * gets `{ kind: "port", id: name }` with one MessagePortMain each, and `{ kind: "stop" }` to end. Here the worker ends
 * when the pipe does.
 */

/** The first thing a worker says. */
export interface WorkerHello {
  readonly kind: "hello";
  readonly role: "stream" | "compute";
  /** `process.version` of the runtime. */
  readonly node: string;
  readonly pid: number;
}

/** Name of the line between engine and worker. */
export const MAIN_LINE = "main";

type Wire =
  | WorkerHello
  | { readonly kind: "open" | "close"; readonly to: string }
  | { readonly kind: "data"; readonly to: string; readonly message: unknown };

/** Many named ports over one. */
export interface Multiplex {
  /** The line both sides have from the start. */
  readonly main: Port;
  /** Begins a line of a name that is not in use. @throws AppError `exists`. */
  open(name: string): Port;
  /** Told of every line the other side begins, also of those before this call. */
  accept(handler: (name: string, port: Port) => void): void;
  /** The worker's hello; rejects with `closed` when the carrier ends before it. */
  hello(): Promise<WorkerHello>;
  /** Told once when the carrier ends. */
  onClose(handler: (reason: string) => void): void;
  /** Ends the carrier and every line. */
  close(): void;
}

function parse(message: unknown): Wire | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message)) return undefined;
  if (message.kind === "hello") return "role" in message && "pid" in message ? (message as WorkerHello) : undefined;
  if (!("to" in message) || typeof message.to !== "string") return undefined;
  if (message.kind === "open" || message.kind === "close") return { kind: message.kind, to: message.to };
  return message.kind === "data" && "message" in message ? { kind: "data", to: message.to, message: message.message } : undefined;
}

/**
 * Shares a carrier between named lines.
 * @param say the hello to begin with: given by workers, not by hosts.
 */
export function multiplex(carrier: Port, say?: WorkerHello): Multiplex {
  const lines = new Map<string, PortEnds>();
  const early: { name: string; port: Port }[] = [];
  const hello = Promise.withResolvers<WorkerHello>();
  hello.promise.catch(() => undefined); // whoever asks for the hello is told; nobody has to ask
  let accepted: ((name: string, port: Port) => void) | undefined;
  let ended: string | undefined;

  const line = (name: string): Port => {
    const ends = new PortEnds();
    lines.set(name, ends);
    return {
      post: (message) => {
        if (!ends.closed) carrier.post({ kind: "data", to: name, message } satisfies Wire);
      },
      onMessage: (handler) => ends.onMessage(handler),
      onClose: (handler) => ends.onClose(handler),
      close: () => {
        if (ends.closed) return;
        lines.delete(name);
        carrier.post({ kind: "close", to: name } satisfies Wire);
        ends.end("closed");
      },
    };
  };

  const main = line(MAIN_LINE);
  if (say !== undefined) carrier.post(say);

  carrier.onClose((reason) => {
    ended = reason;
    const open = [...lines.values()];
    lines.clear();
    for (const ends of open) ends.end(reason);
    hello.reject(new AppError("closed", `The worker ended before it was ready: ${reason}`));
  });
  carrier.onMessage((message) => {
    const wire = parse(message);
    if (wire === undefined) {
      carrier.close();
    } else if (wire.kind === "hello") {
      hello.resolve(wire);
    } else if (wire.kind === "open") {
      if (lines.has(wire.to)) return carrier.close(); // both sides would mean different lines by one name
      const port = line(wire.to);
      if (accepted === undefined) early.push({ name: wire.to, port });
      else accepted(wire.to, port);
    } else if (wire.kind === "data") {
      lines.get(wire.to)?.receive(wire.message); // what is under way to a line just closed is nobody's any more
    } else {
      const ends = lines.get(wire.to);
      lines.delete(wire.to);
      ends?.end("closed by the other side");
    }
  });

  return {
    main,
    open: (name) => {
      if (lines.has(name)) throw new AppError("exists", `There is a line called "${name}" already`);
      const port = line(name);
      if (ended === undefined) carrier.post({ kind: "open", to: name } satisfies Wire);
      else lines.get(name)?.end(ended);
      return port;
    },
    accept: (handler) => {
      accepted = handler;
      for (const { name, port } of early.splice(0)) handler(name, port);
    },
    hello: () => hello.promise,
    onClose: (handler) => carrier.onClose(handler),
    close: () => carrier.close(),
  };
}

/** Passes everything between two ports, and the end of either to the other: a page's socket and its line to a worker. */
export function relay(a: Port, b: Port): void {
  a.onMessage((message) => b.post(message));
  b.onMessage((message) => a.post(message));
  a.onClose(() => b.close());
  b.onClose(() => a.close());
}
