import { mkdtemp, rm } from "node:fs/promises";
import { createServer, connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebSocketServer, WebSocket as WsSocket } from "ws";
import { describeCarrier } from "#shared/channel/testing/contract.ts";
import { fromWebSocket, type WebSocketLike } from "#shared/channel/web-socket.ts";
import { fromStream } from "./pipe-port.ts";

describeCarrier("WebSockets", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const address = server.address();
  if (typeof address === "string" || address === null) throw new Error("no port");
  const accepted = new Promise<WsSocket>((resolve) => server.once("connection", (socket) => resolve(socket)));
  const near = fromWebSocket(new WebSocket(`ws://127.0.0.1:${address.port}`) as unknown as WebSocketLike);
  const far = fromWebSocket((await accepted) as unknown as WebSocketLike);
  return {
    near,
    far,
    close: () => {
      near.close();
      far.close();
      server.close();
    },
  };
});

describeCarrier("a local socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "saccade-pipe-"));
  const path = join(folder, "line");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, () => resolve()));
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const near = fromStream(connectSocket(path));
  const far = fromStream(await accepted);
  return {
    near,
    far,
    close: async () => {
      near.close();
      far.close();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

describe("a framed pipe", () => {
  it("ends on a length beyond the limit instead of waiting for it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "saccade-pipe-"));
    const path = join(folder, "line");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, () => resolve()));
    const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
    const client = connectSocket(path);
    client.on("error", () => undefined);
    const far = fromStream(await accepted);
    const reason = new Promise<string>((resolve) => far.onClose(resolve));
    client.write(Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0]));
    expect(await reason).toMatch(/beyond the limit/);
    client.destroy();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
});
