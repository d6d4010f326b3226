// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { serve } from "#shared/channel/channel.ts";
import { fromMessagePort, type DomMessagePort } from "#shared/channel/message-port.ts";
import { nativeClient, socketPath, webClient, type NativeHost } from "./client.ts";

/** What the preload does: answers a wish for a line with a port in a window message. */
function preload(api: Partial<EngineApi>, answers = true): NativeHost & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    connect: (id) => {
      asked.push(id);
      if (!answers) return;
      const { port1, port2 } = new MessageChannel();
      serve(fromMessagePort(port2 as unknown as DomMessagePort), api as object);
      const event = new MessageEvent("message", { data: { saccade: "port", id } });
      Object.defineProperties(event, { ports: { value: [port1] }, source: { value: window } });
      setTimeout(() => window.dispatchEvent(event));
    },
    pathOf: (file) => `/home/me/${file.name}`,
    choose: () => Promise.resolve({ ok: true, paths: ["/data/a.raw"] }),
  };
}

afterEach(() => vi.useRealTimers());

describe("the client inside Electron", () => {
  it("takes the port that is handed over for its wish and no other", async () => {
    const host = preload({
      about: () => Promise.resolve({ version: "1.2.3", host: "electron", node: "", platform: "", cpu: "" }),
    });
    const stray = new MessageEvent("message", { data: { saccade: "port", id: "another" } });
    const opening = nativeClient(host).openEngine();
    window.dispatchEvent(stray);
    const { api } = await opening;
    expect(host.asked).toEqual(["engine"]);
    expect((await api.about()).version).toBe("1.2.3");
  });

  it("says so when no port comes", async () => {
    vi.useFakeTimers();
    const opening = nativeClient(preload({}, false)).openEngine();
    const failure = expect(opening).rejects.toMatchObject({ code: "io", hint: "Restart Saccade." });
    await vi.advanceTimersByTimeAsync(21_000);
    await failure;
  });

  it("knows where a dropped file lies, and asks the native dialog", async () => {
    const client = nativeClient(preload({}));
    expect(await client.importFile(new File(["x"], "bench.raw"))).toBe("/home/me/bench.raw");
    expect(await client.choose?.({ kind: "files", title: "Import" })).toEqual(["/data/a.raw"]);
  });
});

describe("the client in a browser", () => {
  it("has one address per line", () => {
    expect(socketPath("engine")).toBe("/api");
    expect(socketPath("stream-1/2")).toBe("/stream/stream-1%2F2");
  });

  it("hands files to the server and gives its refusal on as it is", async () => {
    const fetch = vi.fn((_url: string, _init: { method: string }) =>
      Promise.resolve(new Response(JSON.stringify({ path: "/ws/in/a b.raw" }))),
    );
    vi.stubGlobal("fetch", fetch);
    const client = webClient();
    expect(await client.importFile(new File(["x"], "a b.raw"))).toBe("/ws/in/a b.raw");
    expect(fetch.mock.calls[0]?.[0]).toBe("/upload?name=a%20b.raw");
    expect(fetch.mock.calls[0]?.[1].method).toBe("PUT");
    const error = { code: "disk-full", message: "a.raw does not fit", hint: "Free some space." };
    fetch.mockResolvedValueOnce(new Response(JSON.stringify({ error }), { status: 507 }));
    await expect(client.importFile(new File(["x"], "a.raw"))).rejects.toMatchObject(error);
    fetch.mockResolvedValueOnce(new Response("gateway", { status: 502, statusText: "Bad Gateway" }));
    await expect(client.importFile(new File(["x"], "a.raw"))).rejects.toThrow("Bad Gateway");
    vi.unstubAllGlobals();
  });
});
