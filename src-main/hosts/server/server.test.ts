import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import type { AboutInfo, EngineApi } from "#shared/api/engine-api.ts";
import type { AppError } from "#shared/api/errors.ts";
import { connect, serve } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import { fromWebSocket } from "#shared/channel/web-socket.ts";
import { Endpoints, startServer, type RunningServer } from "./server.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder: string;
let server: RunningServer;
const endpoints = new Endpoints();
const about: AboutInfo = { version: "1", host: "server", node: "v24", platform: "linux", cpu: "test" };
const engine = { about: () => Promise.resolve(about) } as unknown as EngineApi;

function ask(
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const own = { host: `127.0.0.1:${server.port}`, ...headers };
    const request = httpRequest({ host: "127.0.0.1", port: server.port, path, method, headers: own }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Bytes as they are, for paths that HTTP clients tidy up. */
function raw(lines: readonly string[], breakOff = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(server.port, "127.0.0.1", () => {
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      if (breakOff) socket.end();
    });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

const tokenPath = (address = server.address()): string => address.slice(address.indexOf("/?"));
const origin = (): string => `http://127.0.0.1:${server.port}`;

async function enter(): Promise<{ cookie: string }> {
  const { headers } = await ask(tokenPath());
  return { cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "" };
}

/** The status a refused upgrade is answered with, or "open". */
function upgrade(path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    socket.on("open", () => {
      socket.terminate();
      resolve("open");
    });
    socket.on("unexpected-response", (_request, response) => {
      socket.on("error", () => undefined);
      socket.terminate();
      resolve(String(response.statusCode));
    });
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-server-"));
  await mkdir(join(folder, "page", "assets"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<!doctype html><title>Saccade</title>");
  await writeFile(join(folder, "page", "assets", "main-1.js"), "export {};");
  await writeFile(join(folder, "secret.json"), "secret");
  server = await startServer(
    { engine, endpoints, page: join(folder, "page"), uploads: () => Promise.resolve(join(folder, "recordings")) },
    0,
  );
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe("the way in", () => {
  it("exchanges the token for a cookie that scripts cannot read and other sites cannot send", async () => {
    const { status, headers, body } = await ask(tokenPath());
    expect(status).toBe(303);
    expect(headers.location).toBe("/");
    expect(headers["set-cookie"]?.[0]).toMatch(/^saccade-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(body).toBe("");
  });

  it("takes a token once", async () => {
    const path = tokenPath();
    expect((await ask(path)).status).toBe(303);
    const again = await ask(path);
    expect(again.status).toBe(401);
    expect(again.headers["set-cookie"]).toBeUndefined();
  });

  it("lets a used address through for a browser that has the cookie already", async () => {
    const path = tokenPath();
    const { headers } = await ask(path);
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect((await ask(path, { headers: { cookie } })).status).toBe(303);
  });

  it("goes on by a page of its own when the link was clicked on another site", async () => {
    const { status, body, headers } = await ask(tokenPath(), { headers: { "sec-fetch-site": "cross-site" } });
    expect(status).toBe(200);
    expect(headers["set-cookie"]).toBeDefined();
    expect(body).toContain('content="0; url=/"');
  });

  it.each(["/", "/?token=", "/?token=wrong", "/index.html", "/assets/main-1.js", "/secret.json"])(
    "keeps %s shut without a session",
    async (path) => expect((await ask(path)).status).toBe(401),
  );

  it("refuses a cookie that is almost right", async () => {
    const { cookie } = await enter();
    const wrong = cookie.slice(0, -1) + (cookie.endsWith("A") ? "B" : "A");
    expect((await ask("/", { headers: { cookie: wrong } })).status).toBe(401);
    expect((await ask("/", { headers: { cookie } })).status).toBe(200);
  });

  it("issues a new address while it runs, and the older one stays good", async () => {
    const [first, second] = [tokenPath(), tokenPath()];
    expect(first).not.toBe(second);
    expect((await ask(second)).status).toBe(303);
    expect((await ask(first)).status).toBe(303);
  });
});

describe("hosts and origins", () => {
  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "0.0.0.0",
    "127.0.0.1@evil.example",
    "[::2]",
    "10.0.0.1",
  ])("refuses the host %s even with a session", async (host) => {
    const { cookie } = await enter();
    expect((await ask("/", { headers: { cookie, host } })).status).toBe(403);
  });

  it("answers behind a tunnel with another port", async () => {
    const { cookie } = await enter();
    expect((await ask("/", { headers: { cookie, host: "localhost:8080" } })).status).toBe(200);
  });

  it.each(["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1", "file://"])(
    "refuses the origin %s",
    async (foreign) => {
      const { cookie } = await enter();
      expect((await ask("/", { headers: { cookie, origin: foreign } })).status).toBe(403);
      expect(await upgrade("/api", { cookie, origin: foreign })).toBe("403");
    },
  );

  it("refuses a request without host", async () => {
    expect(await raw(["GET / HTTP/1.0"])).toMatch(/^HTTP\/1\.1 403/);
  });
});

describe("the page", () => {
  it("comes with a strict policy and is not kept", async () => {
    const { cookie } = await enter();
    const { headers, body } = await ask("/", { headers: { cookie } });
    expect(body).toContain("<title>Saccade");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toContain("unsafe-eval");
    expect(policy.split(";").filter((part) => part.includes("unsafe-inline"))).toEqual([" style-src 'self' 'unsafe-inline'"]);
  });

  it.each([
    "/../secret.json",
    "/%2e%2e/secret.json",
    "/..%2fsecret.json",
    "/..%5csecret.json",
    "/assets/../../secret.json",
    "/%00",
    "/%zz",
    "//secret.json",
  ])("serves nothing outside for %s", async (path) => {
    const { cookie } = await enter();
    const text = await raw([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, `Cookie: ${cookie}`, "Connection: close"]);
    expect(text).toMatch(/^HTTP\/1\.1 404/);
    expect(text).not.toContain("secret");
  });

  it("takes no other methods", async () => {
    const { cookie } = await enter();
    expect((await ask("/", { method: "POST", headers: { cookie } })).status).toBe(405);
    expect((await ask("/", { method: "DELETE", headers: { cookie } })).status).toBe(405);
  });
});

describe("lines", () => {
  it("serves the engine over /api", async () => {
    const { cookie } = await enter();
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api`, { headers: { cookie, origin: origin() } });
    expect(await connect<EngineApi>(fromWebSocket(socket as never)).about()).toEqual(about);
    socket.terminate();
  });

  it("wants session, origin and a known line", async () => {
    const { cookie } = await enter();
    expect(await upgrade("/api", { origin: origin() })).toBe("401");
    expect(await upgrade("/api", { cookie })).toBe("403");
    expect(await upgrade("/api", { cookie, origin: origin(), host: "evil.example" })).toBe("403");
    expect(await upgrade("/stream/none", { cookie, origin: origin() })).toBe("404");
    expect(await upgrade("/api", { cookie, origin: origin() })).toBe("open");
  });

  it("relays a worker's line under an endpoint until it is concealed", async () => {
    const { cookie } = await enter();
    const headers = { cookie, origin: origin() };
    const endpoint = endpoints.expose(() => {
      const [inner, outer] = portPair();
      serve(inner, { echo: (pixels: Uint8Array) => Promise.resolve(pixels.map((v) => v + 1)) });
      return outer;
    });
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/stream/${endpoint}`, { headers });
    const api = connect<{ echo(pixels: Uint8Array): Promise<Uint8Array> }>(fromWebSocket(socket as never));
    expect(await api.echo(new Uint8Array([1, 2, 3]))).toEqual(new Uint8Array([2, 3, 4]));
    socket.terminate();
    endpoints.conceal(endpoint);
    expect(await upgrade(`/stream/${endpoint}`, headers)).toBe("404");
  });

  it.each([
    ["text", (socket: WebSocket) => socket.send("hello"), 1003],
    ["bytes that are no message", (socket: WebSocket) => socket.send(new Uint8Array([1, 2, 3])), 1007],
    ["a message beyond the limit", (socket: WebSocket) => socket.send(new Uint8Array(33 * 1024 * 1024)), 1009],
  ] as const)("ends a connection that sends %s, and goes on", async (_what, send, code) => {
    const { cookie } = await enter();
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api`, { headers: { cookie, origin: origin() } });
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
    socket.on("open", () => send(socket));
    expect(await closed).toBe(code);
    expect((await ask("/", { headers: { cookie } })).status).toBe(200);
  });
});

describe("uploads", () => {
  const put = (name: string, body: Buffer, headers: Record<string, string>): Promise<Answer> =>
    ask(`/upload?name=${encodeURIComponent(name)}`, { method: "PUT", headers, body });

  it("writes a dropped file beside the recordings and never replaces one", async () => {
    const headers = { ...(await enter()), origin: origin() };
    const [first, second] = [
      await put("a b.raw", Buffer.from("one"), headers),
      await put("a b.raw", Buffer.from("two"), headers),
    ];
    expect(first.status).toBe(201);
    expect(JSON.parse(first.body)).toEqual({ path: join(folder, "recordings", "a b.raw") });
    expect(JSON.parse(second.body)).toEqual({ path: join(folder, "recordings", "a b (2).raw") });
    expect(await readFile(join(folder, "recordings", "a b.raw"), "utf8")).toBe("one");
    expect((await readdir(join(folder, "recordings"))).sort()).toEqual(["a b (2).raw", "a b.raw"]);
  });

  it.each(["", "../x.raw", "..", "a/b.raw", "a\\b.raw", ".hidden", "nul\0.raw", "x".repeat(300), "con:1"])(
    "refuses the name %j",
    async (name) => {
      const headers = { ...(await enter()), origin: origin() };
      const { status, body } = await put(name, Buffer.from("x"), headers);
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ error: { code: "bad-argument" } });
    },
  );

  it("wants session and origin", async () => {
    const session = await enter();
    expect((await put("a.raw", Buffer.from("x"), { origin: origin() })).status).toBe(401);
    expect((await put("a.raw", Buffer.from("x"), session)).status).toBe(403);
    expect((await put("a.raw", Buffer.from("x"), { ...session, origin: "http://evil.example" })).status).toBe(403);
  });

  it("refuses what does not fit before reading it", async () => {
    const { cookie } = await enter();
    const size = 2 ** 52;
    const text = await raw([
      "PUT /upload?name=big.raw HTTP/1.1",
      `Host: 127.0.0.1:${server.port}`,
      `Origin: ${origin()}`,
      `Cookie: ${cookie}`,
      `Content-Length: ${size}`,
    ]);
    expect(text).toContain('"code":"disk-full"');
    expect(await readdir(join(folder, "recordings"))).toEqual([]);
  });

  it("leaves nothing of an upload that breaks off", async () => {
    const { cookie } = await enter();
    await raw(
      [
        "PUT /upload?name=cut.raw HTTP/1.1",
        `Host: 127.0.0.1:${server.port}`,
        `Origin: ${origin()}`,
        `Cookie: ${cookie}`,
        "Content-Length: 1000",
        "",
        "only this",
      ],
      true,
    );
    await expect.poll(() => readdir(join(folder, "recordings"))).toEqual([]);
  });
});

it("says so when the port is taken", async () => {
  const content = { engine, endpoints, page: folder, uploads: () => Promise.resolve(folder) };
  const failure: unknown = await startServer(content, server.port).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "port-in-use", message: `Port ${server.port} is used by another program` });
  expect((failure as AppError).hint).toContain("--port");
});
