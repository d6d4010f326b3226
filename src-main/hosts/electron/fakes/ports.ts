import { EventEmitter } from "node:events";
import v8 from "node:v8";

/*
 * Electron's message ports as they are: what can be cloned, what is silently lost, and when a port is dead.
 */

class Writer extends v8.Serializer {
  _getDataCloneError = Error;
}

/** Bytes as Electron's serializer sees a value: whole buffers behind views, no shared memory, no functions. */
export function encode(value: unknown): Buffer {
  const writer = new Writer();
  writer.writeHeader();
  writer.writeValue(value);
  return writer.releaseBuffer();
}

export function decode(bytes: Buffer): unknown {
  const reader = new v8.Deserializer(bytes);
  reader.readHeader();
  return reader.readValue();
}

/** Every port that was made, for the checks at the end of a test. */
export const allPorts = new Set<MessagePortMain>();

/** One end of a pipe. It survives being handed on; the port object in front of it does not. */
export class End {
  inbox: { bytes: Buffer; ends: End[] }[] = [];
  peer!: End;
  owner: MessagePortMain | undefined;
  /** This end is gone. */
  closed = false;
  /** The other end is gone. */
  ended = false;
  private busy = false;

  pump(): void {
    const port = this.owner;
    if (port?.started !== true || this.busy) return;
    this.busy = true;
    setImmediate(() => {
      this.busy = false;
      if (this.owner !== port || this.closed) return;
      const next = this.inbox.shift();
      if (next !== undefined) {
        port.emit("message", { data: decode(next.bytes), ports: next.ends.map((end) => new MessagePortMain(end)) });
        this.pump();
      } else if (this.ended) port.close(); // only after everything that was under way
    });
  }

  drop(): void {
    if (this.closed) return;
    this.closed = true;
    for (const message of this.inbox) for (const end of message.ends) end.drop();
    this.inbox = [];
    this.peer.ended = true;
    this.peer.pump();
  }
}

export class MessagePortMain extends EventEmitter {
  started = false;
  #end: End | undefined;

  constructor(end: End) {
    super();
    this.#end = end;
    end.owner = this;
    allPorts.add(this);
  }

  get neutered(): boolean {
    return this.#end === undefined;
  }

  get closed(): boolean {
    return this.#end?.closed === true;
  }

  postMessage(message: unknown, transfer?: unknown): void {
    const end = this.#end;
    if (end === undefined || end.closed) return; // silently, like the real one
    const bytes = encode(message); // throws on what cannot be cloned
    const ends = takePorts(transfer, this);
    if (end.peer.closed) {
      for (const given of ends) given.drop();
      return;
    }
    end.peer.inbox.push({ bytes, ends });
    end.peer.pump();
  }

  start(): void {
    if (this.#end === undefined || this.#end.closed) return;
    this.started = true;
    this.#end.pump();
  }

  close(): void {
    if (this.#end === undefined || this.#end.closed) return;
    this.#end.drop();
    this.emit("close"); // on the closing side too
  }

  /** Takes the pipe away: what a transfer does. */
  take(): End {
    const end = this.#end;
    if (end === undefined) throw new Error("already neutered");
    this.#end = undefined;
    this.started = false;
    end.owner = undefined;
    return end;
  }
}

/** The pipes of a transfer list, refused as Electron refuses it. */
export function takePorts(transfer: unknown, source?: MessagePortMain): End[] {
  if (transfer === undefined) return [];
  if (!Array.isArray(transfer)) throw new TypeError("transferables must be an array of MessagePorts");
  const ports = transfer.map((port: unknown, i) => {
    if (!(port instanceof MessagePortMain)) throw new TypeError(`Port at index ${i} is not a valid port`);
    if (port === source) throw new Error(`Port at index ${i} contains the source port.`);
    return port;
  });
  for (const [i, port] of ports.entries()) {
    if (port.neutered) throw new Error(`Port at index ${i} is already neutered.`);
    if (ports.indexOf(port) !== i) throw new Error(`Port at index ${i} is a duplicate.`);
  }
  return ports.map((port) => port.take());
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;

  constructor() {
    const a = new End();
    const b = new End();
    a.peer = b;
    b.peer = a;
    this.port1 = new MessagePortMain(a);
    this.port2 = new MessagePortMain(b);
  }
}
