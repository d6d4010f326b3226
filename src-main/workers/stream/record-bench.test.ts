import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordBenchProgress } from "#shared/api/stream-bench.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { blockFeed, evt3Block, evt3Blocks } from "#main/units/drivers/testing/block-feed.ts";
import { evt3Gaps } from "#main/units/drivers/prophesee/evt3-gaps.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { benchRecord } from "./record-bench.ts";

type Done = Extract<RecordBenchProgress, { kind: "done" }>;

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "saccade-bench-record-"))));
afterAll(() => rm(folder, { recursive: true }));

async function figures(seconds: number, rateMev: number): Promise<Done> {
  for await (const step of benchRecord({ seconds, rateMev, folder }, new AbortController().signal))
    if (step.kind === "done") return step;
  throw new Error("no figures came");
}

describe("bench record", () => {
  it("records an emulated EVK4 whole, says that it is one, and leaves nothing behind", async () => {
    const done = await figures(0.5, 2);
    expect(done.source).toContain("virtual");
    expect(done).toMatchObject({ complete: true, expected: done.digest });
    expect(done.events).toBeGreaterThan(900_000);
    expect(await readdir(folder)).toEqual([]);
  });

  it("tells by the digest what was lost in the emulated camera", async () => {
    // Far beyond what any machine takes: the camera's memory runs over, and what is left is recorded whole.
    const done = await figures(0.06, 400);
    expect(done.lostBytes).toBeGreaterThan(0);
    expect(done).toMatchObject({ complete: true, expected: done.digest });
  });

  it.each([[{ seconds: 0, rateMev: 5 }], [{ seconds: 1, rateMev: 1000 }]])("refuses %j", async (wanted) => {
    const feed = benchRecord(wanted, new AbortController().signal);
    await expect(feed.next()).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("blocks of EVT 3.0", () => {
  it("go on in time across blocks and turns of the clock, without a gap, with the events they promise", () => {
    const block = evt3Block(0.2);
    const make = evt3Blocks(block);
    const decoder = evt3.createDecoder({ width: 1280, height: 720 });
    const gaps = evt3Gaps();
    const writer = new PacketWriter();
    let events = 0;
    const rounds = 300;
    for (let number = 0; number < rounds; number++) {
      const bytes = make(number);
      expect(gaps(bytes)).toEqual([]);
      for (let at = 0; at < bytes.length;) {
        at += decoder.decode(bytes.subarray(at), writer);
        events += writer.take().words.length / 2;
      }
      expect(Math.floor(decoder.time()! / block.spanUs)).toBe(number);
    }
    expect(events).toBe(rounds * block.events);
    expect(decoder.dropped()).toEqual({});
  });

  it("come by the clock, whole, whoever is late", () => {
    const block = evt3Block(1);
    let now = 0;
    const feed = blockFeed(block, 3, () => now);
    expect(feed.next(0)).toHaveLength(0);
    feed.start();
    let got = 0;
    for (let calls = 0; !feed.done && calls < 1000; calls++) {
      now += calls % 7 === 0 ? 80 : 1;
      got += feed.next(0).length;
      expect(got).toBeLessThanOrEqual(Math.ceil((now * 3 * block.words.byteLength) / ((3 * block.spanUs) / 1000)));
    }
    expect(got).toBe(3 * block.words.byteLength);
    expect(feed.sentBytes).toBe(got);
  });
});
