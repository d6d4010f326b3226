import { stat } from "node:fs/promises";
import { connect as open, type Socket } from "node:net";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InferenceApi } from "#shared/api/compute-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { connect } from "#shared/channel/channel.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { listen, type Listener } from "./listen.ts";

const answer = { scores: [0.25, 0.75], waitMs: 1, computeMs: 2, spikeRates: { block1: 0.1 } };
const api: InferenceApi = {
  predict: (session, window) =>
    session === "known" && window.length === 4
      ? Promise.resolve(answer)
      : Promise.reject(new AppError("not-found", `no session ${session}`)),
};

let line: Listener;
const sockets: Socket[] = [];
beforeEach(async () => {
  line = await listen(api);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await line.close();
});

function dial(): Socket {
  const socket = open(line.path);
  sockets.push(socket);
  return socket;
}
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

describe("the private line", () => {
  it("answers windows to who has the token, even when it arrives in pieces", async () => {
    const socket = dial();
    const token = Buffer.from(line.token, "hex");
    expect(token).toHaveLength(32);
    socket.write(token.subarray(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(token.subarray(10));
    const remote = connect<InferenceApi>(fromStream(socket));
    expect(await remote.predict("known", new Float32Array(4))).toEqual(answer);
    await expect(remote.predict("unknown", new Float32Array(4))).rejects.toMatchObject({ code: "not-found" });
  });

  it("cuts off a wrong token without a word", async () => {
    const socket = dial();
    const wrong = Buffer.from(line.token, "hex");
    wrong[31] = (wrong[31] ?? 0) ^ 1;
    const heard: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => heard.push(chunk));
    socket.on("error", () => undefined); // a reset is as good as an end here
    const end = closed(socket);
    socket.write(wrong);
    await end;
    expect(heard).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("lies in a folder that only this user can enter, and cleans up", async () => {
    const folder = dirname(line.path);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const other = await listen(api);
    expect(dirname(other.path)).not.toBe(folder);
    expect(other.token).not.toBe(line.token);
    await other.close();
    await expect(stat(dirname(other.path))).rejects.toThrow();
  });
});
