import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "#shared/api/errors.ts";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { serve } from "#shared/channel/channel.ts";
import type { Port } from "#shared/channel/port.ts";
import { log } from "#main/lib/log.ts";
import { relay } from "#main/lib/multiplex.ts";
import { Access } from "./access.ts";
import { answer } from "./answer.ts";
import { handle } from "./requests.ts";
import { createSockets } from "./sockets.ts";
import { receive } from "./upload.ts";

const ADDRESS = "127.0.0.1";
/** Where the private lines of pages are, see `client.ts`. */
const STREAM_PATH = "/stream/";

/** Private lines of pages to workers, by endpoint. */
export class Endpoints {
  readonly #open = new Map<string, () => Port>();

  /** Gives a line a name nobody can guess. */
  expose(open: () => Port): string {
    const endpoint = randomBytes(18).toString("base64url");
    this.#open.set(endpoint, open);
    return endpoint;
  }

  conceal(endpoint: string): void {
    this.#open.delete(endpoint);
  }

  get(endpoint: string): (() => Port) | undefined {
    return this.#open.get(endpoint);
  }
}

/** What a server shows. */
export interface Content {
  readonly engine: EngineApi;
  readonly endpoints: Endpoints;
  /** Folder of the built page. */
  readonly page: string;
  /** Folder for dropped files. */
  uploads(): Promise<string>;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** A new address with a token that opens once. */
  address(): string;
  close(): Promise<void>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint = "Choose another with --port, or leave it out to get a free one.";
      if (error.code === "EADDRINUSE")
        reject(new AppError("port-in-use", `Port ${port} is used by another program`, { hint, cause: error }));
      else if (error.code === "EACCES")
        reject(new AppError("denied", `Port ${port} may not be used by this user`, { hint, cause: error }));
      else reject(new AppError("io", `Could not listen on port ${port}: ${error.message}`, { hint, cause: error }));
    });
    server.listen(port, ADDRESS, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Serves page and engine on the loopback address.
 * @param wantedPort 0: any free one.
 * @throws AppError `port-in-use`, `denied`
 */
export async function startServer(content: Content, wantedPort: number): Promise<RunningServer> {
  const server = createServer();
  const port = await listen(server, wantedPort);
  const access = new Access(port);
  const site = {
    access,
    page: content.page,
    upload: async (name: string, request: Parameters<typeof handle>[1]) => {
      const length = request.headers["content-length"];
      return receive(await content.uploads(), name, request, length === undefined ? undefined : Number(length));
    },
  };
  server.on("request", (request, response) => {
    handle(site, request, response).catch((error: unknown) => {
      log("error", "server", `${request.method} ${request.url}: ${error instanceof Error ? error.message : String(error)}`);
      if (response.headersSent) response.destroy();
      else answer(response, 500, "text/plain; charset=utf-8", "The server failed; its terminal says why.");
    });
  });
  const sockets = createSockets({
    access,
    connect: (pathname) => {
      if (pathname === "/api") return (page) => serve(page, content.engine);
      if (!pathname.startsWith(STREAM_PATH)) return undefined;
      const open = content.endpoints.get(pathname.slice(STREAM_PATH.length));
      return open && ((page) => relay(page, open()));
    },
  });
  server.on("upgrade", (request, socket, head) => sockets.upgrade(request, socket, head));
  server.requestTimeout = 0; // an upload of a long recording takes as long as it takes
  return {
    port,
    address: () => `http://${ADDRESS}:${port}/?token=${access.issue()}`,
    close: () => {
      sockets.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
