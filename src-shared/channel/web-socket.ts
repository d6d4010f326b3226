import { decodeFrame, encodeFrame } from "./frames.ts";
import { PortEnds, type Port } from "./port.ts";

/** A WebSocket of a browser, of Node, or of the `ws` package, as far as we use it. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: never) => void): void;
}

const CONNECTING = 0;
const OPEN = 1;

/** A WebSocket as a carrier. What is posted while it connects is sent when it is open. */
export function fromWebSocket(socket: WebSocketLike): Port {
  const ends = new PortEnds();
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    for (const frame of waiting.splice(0)) socket.send(frame);
  });
  socket.addEventListener("message", (event: { data: unknown }) => {
    if (!(event.data instanceof ArrayBuffer)) {
      socket.close(1003, "binary messages only");
      ends.end("a message that is not binary");
      return;
    }
    let message: unknown;
    try {
      message = decodeFrame(new Uint8Array(event.data));
    } catch (error) {
      socket.close(1007, "unreadable message");
      ends.end(error instanceof Error ? error.message : "unreadable message");
      return;
    }
    ends.receive(message);
  });
  socket.addEventListener("close", (event: { reason?: string }) => ends.end(event.reason || "the connection was closed"));
  socket.addEventListener("error", () => ends.end("the connection failed"));
  return {
    post: (message) => {
      if (ends.closed) return;
      const frame = encodeFrame(message);
      if (socket.readyState === CONNECTING) waiting.push(frame);
      else if (socket.readyState === OPEN) socket.send(frame);
    },
    onMessage: (handler) => ends.onMessage(handler),
    onClose: (handler) => ends.onClose(handler),
    close: () => {
      socket.close(1000);
      ends.end("closed");
    },
  };
}
