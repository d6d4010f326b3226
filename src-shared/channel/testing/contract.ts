import { afterEach, describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { connect, serve } from "../channel.ts";
import type { Port } from "../port.ts";

/** Two joined ports and how to take them down. */
export interface Carrier {
  readonly near: Port;
  readonly far: Port;
  close(): void | Promise<void>;
}

interface Sample {
  add(a: number, b: number): Promise<number>;
  echo(value: unknown): Promise<unknown>;
  fail(code: string): Promise<never>;
  nested: { hello(name: string): Promise<string> };
  count(to: number): AsyncIterable<number>;
  forever(): AsyncIterable<number>;
  waits(signal?: AbortSignal): Promise<string>;
  counters(): Promise<{ produced: number; ended: number; aborted: number }>;
}

function sampleApi(): Sample {
  const seen = { produced: 0, ended: 0, aborted: 0 };
  return {
    add: (a, b) => Promise.resolve(a + b),
    echo: (value) => Promise.resolve(value),
    fail: () => Promise.reject(new AppError("not-found", "The thing is gone", { hint: "Look elsewhere." })),
    nested: { hello: (name) => Promise.resolve(`hello ${name}`) },
    async *count(to) {
      for (let i = 0; i < to; i++) yield await Promise.resolve(i);
    },
    async *forever() {
      try {
        for (let i = 0; ; i++) {
          seen.produced += 1;
          yield await Promise.resolve(i);
        }
      } finally {
        seen.ended += 1;
      }
    },
    waits: (signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          seen.aborted += 1;
          reject(new AppError("aborted", "stopped"));
        });
      }),
    counters: () => Promise.resolve({ ...seen }),
  };
}

const soon = (ms = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await check()) return;
    await soon(20);
  }
  throw new Error("waited in vain");
}

/** The suite that every carrier has to pass. */
export function describeCarrier(name: string, open: () => Promise<Carrier>): void {
  describe(`channel over ${name}`, () => {
    let carrier: Carrier | undefined;
    afterEach(async () => {
      await carrier?.close();
      carrier = undefined;
    });
    const start = async () => {
      carrier = await open();
      serve(carrier.far, sampleApi());
      return connect<Sample>(carrier.near);
    };

    it("answers calls, nested ones too, several at once", async () => {
      const api = await start();
      expect(await Promise.all([api.add(1, 2), api.add(3, 4), api.nested.hello("you")])).toEqual([3, 7, "hello you"]);
    });

    it("carries structured data and typed arrays, views included", async () => {
      const api = await start();
      const words = new Uint32Array([1, 2, 3, 0xffff_ffff]);
      const value = {
        words,
        view: new Uint8Array(new Uint8Array([9, 8, 7, 6, 5]).buffer, 1, 3),
        floats: new Float32Array([0.5, Number.NaN, -Infinity]),
        empty: new Int16Array(0),
        list: [1, "zwei", true, null, { deep: new Float64Array([Math.PI]) }],
        text: "µ ≈ ✓",
        $odd: { $a: 1 },
        number: -1.25e-9,
      };
      expect(await api.echo(value)).toEqual(value);
    });

    it("carries numbers that JSON cannot say", async () => {
      const api = await start();
      expect(await api.echo([Number.NaN, Infinity, -Infinity])).toEqual([Number.NaN, Infinity, -Infinity]);
    });

    it("delivers errors with code, message and hint", async () => {
      const api = await start();
      const error: unknown = await api.fail("x").then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: "not-found", message: "The thing is gone", hint: "Look elsewhere." });
    });

    it("refuses what is not in the contract", async () => {
      const api = (await start()) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      for (const method of ["missing", "toString", "constructor", "hasOwnProperty"]) {
        await expect(api[method]!()).rejects.toMatchObject({ code: "bad-argument" });
      }
    });

    it("pulls a feed to its end, in order", async () => {
      const api = await start();
      const got: number[] = [];
      for await (const item of api.count(50)) got.push(item);
      expect(got).toEqual(Array.from({ length: 50 }, (_, i) => i));
    });

    it("lets the producer run ahead by two items and no more", async () => {
      const api = await start();
      const iterator = api.forever()[Symbol.asyncIterator]();
      expect((await iterator.next()).value).toBe(0);
      await soon(80);
      expect((await api.counters()).produced).toBeLessThanOrEqual(4);
      await iterator.return?.();
    });

    it("ends the producer when the consumer leaves its loop", async () => {
      const api = await start();
      for await (const item of api.forever()) if (item === 3) break;
      await until(async () => (await api.counters()).ended === 1);
    });

    it("hands an abort over to the serving side", async () => {
      const api = await start();
      const controller = new AbortController();
      const call = api.waits(controller.signal);
      await soon();
      controller.abort();
      await expect(call).rejects.toMatchObject({ code: "aborted" });
      await until(async () => (await api.counters()).aborted === 1);
    });

    it("fails everything pending when the line ends, and everything after", async () => {
      const api = await start();
      const call = api.waits();
      const feed = (async () => {
        for await (const _ of api.forever()) await soon(1);
      })();
      await soon();
      carrier?.far.close();
      await expect(call).rejects.toMatchObject({ code: "closed" });
      await expect(feed).rejects.toMatchObject({ code: "closed" });
      await expect(api.add(1, 1)).rejects.toMatchObject({ code: "closed" });
    });

    it("closes the line on a message that is none of ours", async () => {
      carrier = await open();
      serve(carrier.far, sampleApi());
      const closed = new Promise<string>((resolve) => carrier?.near.onClose(resolve));
      carrier.near.post({ kind: "call", id: "one", path: "add" });
      expect(await closed).toBeTruthy();
    });

    it("keeps what arrives before anybody listens", async () => {
      carrier = await open();
      carrier.near.post("early");
      await soon();
      const got = await new Promise((resolve) => carrier?.far.onMessage(resolve));
      expect(got).toBe("early");
    });

    it("carries a megabyte unharmed", async () => {
      const api = await start();
      const big = new Uint32Array(262_144).map((_, i) => (i * 2_654_435_761) >>> 0);
      expect(await api.echo(big)).toEqual(big);
    });
  });
}
