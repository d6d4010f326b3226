import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { Port } from "#shared/channel/port.ts";
import { fromWebSocket, type WebSocketLike } from "#shared/channel/web-socket.ts";
import type { Access } from "./access.ts";
import { refusal } from "./requests.ts";

/** What a page sends is small: requests, label tables, settings. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** A connection that says nothing for so long is asked whether it still lives; tunnels drop silent ones. */
const PING_MS = 30_000;

/** Where upgraded connections go. */
export interface Lines {
  readonly access: Access;
  /** Takes a page's connection of that path; false when there is no such line. */
  connect(pathname: string): ((port: Port) => void) | undefined;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function keepAlive(socket: WebSocket): void {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, PING_MS);
  socket.on("pong", () => (answered = true));
  socket.on("close", () => clearInterval(timer));
}

/** Handles upgrades: the same checks as for requests, and an Origin is required, since browsers always send one. */
export function createSockets(lines: Lines): {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
} {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  return {
    upgrade: (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      if (refusal(request) !== undefined || request.headers.origin === undefined) return refuse(socket, "403 Forbidden");
      if (!lines.access.admits(request)) return refuse(socket, "401 Unauthorized");
      const take = lines.connect((request.url ?? "/").split("?", 1)[0] ?? "/");
      if (take === undefined) return refuse(socket, "404 Not Found");
      server.handleUpgrade(request, socket, head, (webSocket) => {
        keepAlive(webSocket);
        // The declared events of ws are narrower than what a carrier asks for; at run time they are the browser's.
        take(fromWebSocket(webSocket as unknown as WebSocketLike));
      });
    },
    close: () => {
      for (const client of server.clients) client.close(1001, "the server ends");
      server.close();
    },
  };
}
