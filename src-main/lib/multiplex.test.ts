import { PassThrough, Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { connect, serve } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import { multiplex, relay } from "./multiplex.ts";
import { fromStream } from "./pipe-port.ts";

const hello = { kind: "hello", role: "stream", node: "v24.0.0", pid: 7 } as const;

function pipes(): [Duplex, Duplex] {
  const [up, down] = [new PassThrough(), new PassThrough()];
  return [Duplex.from({ readable: down, writable: up }), Duplex.from({ readable: up, writable: down })];
}

interface Adder {
  add(a: number, b: number): Promise<number>;
  count(to: number): AsyncIterable<Uint8Array>;
}
const adder = (bonus: number): Adder => ({
  add: (a, b) => Promise.resolve(a + b + bonus),
  async *count(to) {
    for (let i = 0; i < to; i++) yield await Promise.resolve(new Uint8Array([i + bonus]));
  },
});

describe("multiplex", () => {
  it("carries the hello, the main line and named lines over one pipe", async () => {
    const [a, b] = pipes();
    const worker = multiplex(fromStream(a), hello);
    serve(worker.main, adder(0));
    worker.accept((name, port) => serve(port, adder(name === "page" ? 100 : 1000)));
    const host = multiplex(fromStream(b));
    expect(await host.hello()).toEqual(hello);
    const main = connect<Adder>(host.main);
    const page = connect<Adder>(host.open("page"));
    const other = connect<Adder>(host.open("other"));
    expect(await Promise.all([main.add(1, 2), page.add(1, 2), other.add(1, 2)])).toEqual([3, 103, 1003]);
    const seen: number[] = [];
    for await (const item of page.count(5)) seen.push(...item);
    expect(seen).toEqual([100, 101, 102, 103, 104]);
  });

  it("ends one line without the others, and its name is free again", async () => {
    const [a, b] = portPair();
    const worker = multiplex(a);
    const names: string[] = [];
    worker.accept((name, port) => {
      names.push(name);
      serve(port, adder(1));
    });
    const host = multiplex(b);
    const line = host.open("page");
    expect(await connect<Adder>(line).add(0, 0)).toBe(1);
    expect(() => host.open("page")).toThrow(/already/);
    line.close();
    const again = connect<Adder>(host.open("page"));
    expect(await again.add(1, 0)).toBe(2);
    expect(names).toEqual(["page", "page"]);
  });

  it("ends every line with the carrier, and the hello fails then", async () => {
    const [a, b] = portPair();
    const host = multiplex(b);
    const line = connect<Adder>(host.open("page"));
    const pending = line.add(1, 1);
    const waiting = host.hello();
    a.close();
    await expect(pending).rejects.toMatchObject({ code: "closed" });
    await expect(waiting).rejects.toMatchObject({ code: "closed" });
    await expect(connect<Adder>(host.open("late")).add(1, 1)).rejects.toMatchObject({ code: "closed" });
  });

  it("relays between a socket and a line, ends included", async () => {
    const [a, b] = portPair();
    multiplex(a).accept((_name, port) => serve(port, adder(5)));
    const [page, socket] = portPair();
    const line = multiplex(b).open("page");
    relay(socket, line);
    const remote = connect<Adder>(page);
    expect(await remote.add(1, 1)).toBe(7);
    line.close();
    await expect(remote.add(1, 1)).rejects.toMatchObject({ code: "closed" });
  });

  it("closes the carrier at a message it does not know", async () => {
    const [a, b] = portPair();
    const host = multiplex(b);
    const ended = new Promise<string>((resolve) => host.onClose(resolve));
    a.post({ kind: "what" });
    expect(await ended).toBe("closed");
  });
});
