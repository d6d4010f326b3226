import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { connect, serve } from "./channel.ts";
import { decodeFrame, encodeFrame } from "./frames.ts";
import { compact, fromMessagePort } from "./message-port.ts";
import { portPair } from "./port.ts";
import { describeCarrier } from "./testing/contract.ts";

describeCarrier("memory", () => {
  const [near, far] = portPair();
  return Promise.resolve({ near, far, close: () => near.close() });
});

describeCarrier("message ports", () => {
  const { port1, port2 } = new MessageChannel();
  const near = fromMessagePort(port1);
  const far = fromMessagePort(port2);
  return Promise.resolve({
    near,
    far,
    close: () => {
      near.close();
      far.close();
    },
  });
});

describe("a feed", () => {
  it("lets go of what has been delivered", async () => {
    const ITEMS = 50;
    const [near, far] = portPair();
    const items: WeakRef<object>[] = [];
    serve(far, {
      async *blocks() {
        for (let i = 0; i < ITEMS; i++) {
          // Held by nobody but its item; a turn of the loop, since what a WeakRef was asked for lives until then.
          const block = { bytes: new Uint8Array(1000) };
          items.push(new WeakRef(block));
          yield block;
          await new Promise((resolve) => setImmediate(resolve));
        }
        await new Promise(() => undefined);
      },
    });
    const api = connect<{ blocks(): AsyncIterable<object> }>(near);
    const feed = api.blocks()[Symbol.asyncIterator]();
    for (let i = 0; i < ITEMS; i++) await feed.next();
    await new Promise((resolve) => setTimeout(resolve, 10));
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    // The last few are still in the hands of generators and promises.
    expect(items.filter((item) => item.deref() !== undefined).length).toBeLessThan(10);
    near.close();
  });
});

describe("compact", () => {
  it("copies a view on a larger buffer and shared memory, and nothing else", () => {
    const buffer = new Uint8Array(1000);
    const view = buffer.subarray(10, 20);
    const whole = new Uint8Array(4);
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    const out = compact({ view, whole, shared }) as { view: Uint8Array; whole: Uint8Array; shared: Uint8Array };
    expect(out.view.buffer.byteLength).toBe(10);
    expect(out.whole).toBe(whole);
    expect(out.shared.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

describe("frames", () => {
  it("aligns every array to eight bytes", () => {
    const back = decodeFrame(
      encodeFrame([new Uint8Array([1]), new Float64Array([2]), new Uint16Array([3])]),
    ) as ArrayBufferView[];
    for (const array of back) expect(array.byteOffset % 8).toBe(0);
    expect(back).toEqual([new Uint8Array([1]), new Float64Array([2]), new Uint16Array([3])]);
  });

  it("refuses bytes that no encoder has made, and never reads outside them", () => {
    const good = encodeFrame({ words: new Uint32Array([1, 2, 3, 4]) });
    for (let cut = 0; cut < good.length; cut++) expect(() => decodeFrame(good.slice(0, cut))).toThrow();
    let seed = 1;
    for (let round = 0; round < 2000; round++) {
      const bad = good.slice();
      seed = (seed * 1_103_515_245 + 12_345) >>> 0;
      bad[seed % bad.length]! ^= 1 << (seed >>> 29);
      try {
        decodeFrame(bad);
      } catch (error) {
        expect(error).toMatchObject({ code: "damaged" });
      }
    }
  });

  it("sends a Buffer as the bytes it is", () => {
    expect(decodeFrame(encodeFrame({ bytes: Buffer.from([1, 2, 3]) }))).toEqual({ bytes: new Uint8Array([1, 2, 3]) });
  });

  it("refuses what cannot cross: functions at the top, symbols, data views", () => {
    expect(() => encodeFrame(Symbol("x"))).toThrow(/cannot cross/);
    expect(() => encodeFrame(new DataView(new ArrayBuffer(2)))).toThrow(/cannot cross/);
  });
});
