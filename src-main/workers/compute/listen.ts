import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferenceApi } from "#shared/api/compute-api.ts";
import { serve } from "#shared/channel/channel.ts";
import { fileError } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import { fromStream } from "#main/lib/pipe-port.ts";

const TOKEN_BYTES = 32;
/** A caller that has not shown its token by then is cut off. */
const TOKEN_TIMEOUT_MS = 5000;

/** An open private line. */
export interface Listener {
  readonly path: string;
  /** Hex. */
  readonly token: string;
  close(): Promise<void>;
}

/** Waits for the token, compares it in constant time and serves; anything else ends the connection. */
function admit(socket: Socket, token: Buffer, api: InferenceApi): void {
  let received = Buffer.alloc(0);
  const late = setTimeout(() => socket.destroy(), TOKEN_TIMEOUT_MS);
  socket.on("error", (error) => log("info", "compute", `inference line: ${error.message}`));
  socket.on("close", () => clearTimeout(late));
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length < TOKEN_BYTES) return;
    clearTimeout(late);
    socket.off("data", onData);
    socket.pause();
    if (!timingSafeEqual(received.subarray(0, TOKEN_BYTES), token)) {
      log("warning", "compute", "a connection with a wrong token was refused");
      socket.destroy();
      return;
    }
    const rest = received.subarray(TOKEN_BYTES);
    if (rest.length > 0) socket.unshift(rest);
    serve<InferenceApi>(fromStream(socket), api);
    socket.resume();
  };
  socket.on("data", onData);
}

/** Opens a local socket in a fresh folder of our own (a named pipe on Windows) that serves the inference API. */
export async function listen(api: InferenceApi): Promise<Listener> {
  const token = randomBytes(TOKEN_BYTES);
  const windows = process.platform === "win32";
  const folder = windows ? undefined : await mkdtemp(join(tmpdir(), "saccade-"));
  if (folder !== undefined) await chmod(folder, 0o700);
  const path = folder === undefined ? `\\\\.\\pipe\\saccade-${randomBytes(16).toString("hex")}` : join(folder, "compute.sock");
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    admit(socket, token, api);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(fileError(error, path, "listen on")));
    server.listen(path, resolve);
  });
  return {
    path,
    token: token.toString("hex"),
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
