import { PortEnds, type Port } from "./port.ts";

/** A DOM or Node MessagePort, as far as we use it. */
export interface DomMessagePort {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: never) => void): void;
  start(): void;
  close(): void;
}

/** Electron's MessagePortMain, as far as we use it. */
export interface EmitterMessagePort {
  postMessage(message: unknown): void;
  on(type: "message", listener: (event: { data: unknown }) => void): unknown;
  on(type: "close", listener: () => void): unknown;
  start(): void;
  close(): void;
}

/**
 * A copy of every typed array whose memory is larger than the view or shared: structured cloning would send
 * the whole buffer behind a view, and shared memory cannot cross between processes.
 */
export function compact(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    if (value instanceof DataView) return value;
    const whole = value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength;
    return whole ? value : (value as Uint8Array).slice();
  }
  if (Array.isArray(value)) return value.map(compact);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compact(item)]));
}

/** A message port as a carrier. Listeners are attached before the port is started, so nothing is lost. */
export function fromMessagePort(port: DomMessagePort | EmitterMessagePort): Port {
  const ends = new PortEnds();
  if ("addEventListener" in port) {
    port.addEventListener("message", (event: { data: unknown }) => ends.receive(event.data));
    port.addEventListener("messageerror", () => ends.end("a message could not be read"));
    port.addEventListener("close", () => ends.end("closed by the other side"));
  } else {
    port.on("message", (event) => ends.receive(event.data));
    port.on("close", () => ends.end("closed by the other side"));
  }
  port.start();
  return {
    post: (message) => {
      if (!ends.closed) port.postMessage(compact(message));
    },
    onMessage: (handler) => ends.onMessage(handler),
    onClose: (handler) => ends.onClose(handler),
    close: () => {
      port.close();
      ends.end("closed");
    },
  };
}
