import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { evt21Bytes } from "#main/units/encodings/testing/prophesee-words.ts";
import { createEvk3320 } from "../evk3-320/evk3-320.ts";
import { createEvk4 } from "../evk4/evk4.ts";
import { hasTranscripts, loadTranscript } from "../testing/transcript.ts";
import { madeFeed, onceFeed, pacedFeed } from "../testing/wire-feed.ts";
import { evt3Gaps } from "./evt3-gaps.ts";
import { bench, until } from "../testing/bench.ts";
import { collector, firstDifference } from "../testing/collector.ts";

const hd = { width: 1280, height: 720 };

describe.skipIf(!hasTranscripts)("events from Prophesee cameras (the dialogues are not at hand: skipped)", () => {
  it("EVK4: events out are events in, over several turns of the 24-bit clock", async () => {
    const random = seeded(3);
    const encoder = evt3.createEncoder(hd);
    const sent: EventRow[] = [];
    // Bursts of ten seconds apart: the clock of the words turns every 16.8 s, silence is told by time words.
    const bytes = Buffer.concat(
      Array.from({ length: 6 }, (_, burst) => {
        const rows = randomEvents(random, 4000, hd)
          .map(([t, x, y, p]): EventRow => [(t % 1_000_000) + burst * 10_000_000, x, y, p])
          .sort((a, b) => a[0] - b[0]);
        sent.push(...rows);
        return Buffer.concat([encoder.encode(packetOf(rows)).slice(), encoder.advance((burst + 1) * 10_000_000).slice()]);
      }),
    );
    const { open, camera } = bench(createEvk4, { transcript: loadTranscript("prophesee-evk4-imx636"), feed: onceFeed(bytes) });
    camera.faults.shortReads = true;
    const opened = await open();
    const got = collector(opened);
    const gaps: boolean[] = [];
    let length = 0;
    opened.start(
      (chunk, gap = false) => {
        length += chunk.length;
        gaps.push(gap);
        got.take(chunk);
      },
      () => undefined,
    );
    await until(() => length === bytes.length, "everything arrives");
    await opened.stop();
    expect(firstDifference(got.rows, sent)).toBeUndefined();
    expect(sent.at(-1)?.[0]).toBeGreaterThan(3 * 2 ** 24);
    expect([opened.dropped?.(), gaps.includes(true)]).toEqual([0, false]);
  });

  it("EVK3 320: events out are events in", async () => {
    const sensor = { width: 320, height: 320 };
    const rows = randomEvents(seeded(5), 20_000, sensor);
    const bytes = evt21Bytes({ rows }, "little");
    const { open } = bench(createEvk3320, {
      transcript: loadTranscript("prophesee-evk3-320-genx320mp"),
      feed: onceFeed(bytes),
      faults: { shortReads: true },
    });
    const opened = await open();
    const got = collector(opened);
    opened.start(
      (chunk) => got.take(chunk),
      () => undefined,
    );
    await until(() => got.rows.length === rows.length, "everything arrives");
    await opened.stop();
    expect(firstDifference(got.rows, rows)).toBeUndefined();
  });

  it("a reader that is too slow loses events, they are counted, and what follows is right again", async () => {
    const random = seeded(9);
    const encoder = evt3.createEncoder(hd);
    const sent: EventRow[] = [];
    let t = 0;
    const feed = madeFeed((part) => {
      if (part >= 600) return undefined;
      const rows = Array.from({ length: 300 }, (): EventRow => [
        (t += 7),
        Math.floor(random() * 1280),
        Math.floor(random() * 720),
        part & 1,
      ]);
      sent.push(...rows);
      return encoder.encode(packetOf(rows)).slice();
    });
    // The reader's clock: each call takes 200 ms while it is slow.
    let clockMs = 0;
    let slow = true;
    const { open, camera } = bench(createEvk4, {
      transcript: loadTranscript("prophesee-evk4-imx636"),
      feed: pacedFeed(feed, 1_000_000, () => clockMs),
      fifoBytes: 16_384,
    });
    const opened = await open();
    const got = collector(opened);
    let marked = 0;
    const begin = camera.lostBytes;
    opened.start(
      (chunk, gap = false) => {
        if (slow) clockMs += 200;
        if (gap) {
          marked += 1;
          got.decoder.resync?.();
        }
        got.take(chunk);
        slow = t < 100 * 300 * 7;
      },
      () => undefined,
    );
    const ticking = (): boolean => {
      clockMs += 0.005;
      return t === 600 * 300 * 7 && got.rows.at(-1)?.[0] === t;
    };
    await until(ticking, "the last event arrives");
    expect(camera.lostBytes - begin).toBeGreaterThan(0);
    expect(opened.dropped?.()).toBe(marked);
    expect(marked).toBeGreaterThan(0);
    expect(got.rows.length).toBeLessThan(600 * 300);
    // All that came after the reader was fast again, and nothing else, is there.
    const calm = 150 * 300;
    expect(firstDifference(got.rows.slice(-calm), sent.slice(-calm))).toBeUndefined();
    await opened.stop();
  });
});

describe("missing time in EVT 3.0", () => {
  const high = (value: number): number[] => [value & 0xff, 0x80 | ((value >>> 8) & 0xf)];
  const event = [0x05, 0x20];

  it("is found where it is, not in the turn of the clock, not at the beginning", () => {
    const gaps = evt3Gaps();
    expect(gaps(new Uint8Array([...high(4094), ...event]))).toEqual([]);
    expect(gaps(new Uint8Array([...event, ...event]))).toEqual([]);
    expect(gaps(new Uint8Array([...high(4094), ...high(4095), ...event]))).toEqual([]);
    expect(gaps(new Uint8Array([...event, ...high(0), ...event]))).toEqual([]);
    expect(gaps(new Uint8Array([...event, ...high(2), ...event, ...high(3), ...high(9)]))).toEqual([2, 8]);
    expect(gaps(new Uint8Array([...high(10)]))).toEqual([]);
  });

  it("is looked for in whole words also when transfers end within one", () => {
    const gaps = evt3Gaps();
    const [a = 0, b = 0] = high(7);
    expect(gaps(new Uint8Array([...high(6), a]))).toEqual([]);
    expect(gaps(new Uint8Array([b, ...high(8), ...event]))).toEqual([]);
    const [c = 0, d = 0] = high(12);
    expect(gaps(new Uint8Array([...event, c]))).toEqual([]);
    expect(gaps(new Uint8Array([d, ...event]))).toEqual([0]);
  });

  it("is found at the same places however the bytes are cut and lie in memory", () => {
    const random = seeded(31);
    let time = 4000;
    const words = Array.from({ length: 20_000 }, () => {
      if (random() > 0.01) return Math.floor(random() * 8) * 4096 + Math.floor(random() * 4096);
      time += random() < 0.2 ? 2 + Math.floor(random() * 500) : 1;
      return 0x8000 | (time % 4096);
    });
    const bytes = new Uint8Array(Uint16Array.from(words).buffer);
    const whole = evt3Gaps()(bytes);
    expect(whole.length).toBeGreaterThan(20);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const memory of [bytes, shifted.subarray(1)]) {
      const gaps = evt3Gaps();
      const found: number[] = [];
      for (let from = 0; from < memory.length;) {
        const chunk = memory.subarray(from, from + 1 + Math.floor(random() * 999));
        for (const at of gaps(chunk)) found.push(from + at);
        from += chunk.length;
      }
      // Of a time word that is cut in two the second half is where something was missed.
      expect(found.map((at) => at - (at % 2))).toEqual(whole);
    }
  });
});
