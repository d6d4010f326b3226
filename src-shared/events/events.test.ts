import { describe, expect, it } from "vitest";
import { PacketWriter, SLACK_US } from "./packet-writer.ts";
import {
  copyPacket,
  countOf,
  firstTime,
  lastTime,
  lowerBound,
  MAX_PACKET_SPAN_US,
  packXyp,
  pOf,
  slicePacket,
  xOf,
  yOf,
} from "./packet.ts";
import { formatClock, formatInstant, formatCount, formatRate, formatSpan, parseTimeUs } from "./time.ts";

const packet = (t0: number, ...times: number[]) => ({
  t0,
  words: Uint32Array.from(times.flatMap((t, i) => [t - t0, packXyp(i, 2 * i, i & 1)])),
});

describe("packed events", () => {
  it("gives back what was packed, to the corners", () => {
    for (const [x, y, p] of [
      [0, 0, 0],
      [16_383, 16_383, 1],
      [1279, 719, 1],
      [1, 16_383, 0],
    ] as const) {
      const word = packXyp(x, y, p);
      expect([xOf(word), yOf(word), pOf(word)]).toEqual([x, y, p]);
      expect(word).toBeGreaterThanOrEqual(0);
    }
  });

  it("finds and cuts half-open spans", () => {
    const events = packet(1000, 1000, 1005, 1005, 1010);
    expect([999, 1000, 1001, 1005, 1006, 1011].map((t) => lowerBound(events, t))).toEqual([0, 0, 1, 1, 3, 4]);
    expect(countOf(slicePacket(events, 1005, 1010))).toBe(2);
    expect(slicePacket(events, 0, 5000)).toBe(events);
    expect(countOf(slicePacket(events, 2000, 1000))).toBe(0);
  });

  it("puts each event into exactly one of adjoining slices", () => {
    const events = packet(0, ...Array.from({ length: 500 }, (_, i) => Math.floor(i * 1.7)));
    for (const step of [1, 3, 7, 100]) {
      let total = 0;
      for (let t = 0; t < 1000; t += step) total += countOf(slicePacket(events, t, t + step));
      expect(total).toBe(500);
    }
  });

  it("knows first and last times, and silence", () => {
    expect([firstTime(packet(5, 7, 9)), lastTime(packet(5, 7, 9))]).toEqual([7, 9]);
    expect([firstTime(packet(5)), lastTime(packet(5))]).toEqual([undefined, undefined]);
  });
});

describe("packet writer", () => {
  it("collects events, grows, and lends them until the next write", () => {
    const writer = new PacketWriter(1);
    for (let i = 0; i < 1000; i++) writer.push(1e9 + i, packXyp(i, 0, 1));
    const lent = writer.take();
    expect(countOf(lent)).toBe(1000);
    expect([firstTime(lent), lastTime(lent)]).toEqual([1e9, 1e9 + 999]);
    const kept = copyPacket(lent);
    writer.push(5, 0);
    expect(lent.words[1]).not.toBe(kept.words[1]! + 1);
    expect(firstTime(kept)).toBe(1e9);
    expect(firstTime(writer.take())).toBe(5);
  });

  it("holds small steps back in time", () => {
    const writer = new PacketWriter();
    writer.push(100_000, 0);
    expect(writer.fits(100_000 - SLACK_US)).toBe(true);
    expect(writer.fits(100_000 - SLACK_US - 1)).toBe(false);
    writer.push(99_990, 1);
    expect(lastTime(writer.take())).toBe(99_990);
  });

  it("says when a packet has become too long", () => {
    const writer = new PacketWriter();
    writer.begin(0);
    expect(writer.fits(MAX_PACKET_SPAN_US)).toBe(true);
    expect(writer.fits(MAX_PACKET_SPAN_US + 1)).toBe(false);
    expect(() => {
      writer.push(1, 0);
      writer.begin(7);
    }).toThrow(/waiting/);
  });

  it("appends packets with another base", () => {
    const writer = new PacketWriter(2);
    writer.append(packet(10, 10, 12));
    writer.append(packet(20, 25));
    const out = writer.take();
    expect(out.t0).toBe(10);
    expect([...out.words].filter((_, i) => i % 2 === 0)).toEqual([0, 2, 15]);
  });
});

describe("times and numbers for people", () => {
  it("reads durations", () => {
    expect(["1500", "1.5s", "20ms", "340us", "340µs", "-3", " 7 ms "].map(parseTimeUs)).toEqual([
      1500, 1_500_000, 20_000, 340, 340, -3, 7000,
    ]);
    expect(["", "ms", "1h", "1,5s", "NaN", "1e400s"].map(parseTimeUs)).toEqual(Array(6).fill(undefined));
  });

  it("tells Unix time from a camera's clock", () => {
    expect(formatInstant(23_906_206)).toBe("0:00:23.906206");
    expect(formatInstant(1_633_953_690_975_950)).toBe("2021-10-11 12:01:30.975950");
  });

  it("writes them", () => {
    expect(formatClock(23_906_206)).toBe("0:00:23.906206");
    expect(formatClock(3_723_000_001)).toBe("1:02:03.000001");
    expect([formatSpan(2_100_000), formatSpan(20_000), formatSpan(340)]).toEqual(["2.10 s", "20.0 ms", "340 µs"]);
    expect([formatRate(840), formatRate(12_400), formatRate(430_000), formatRate(12_400_000)]).toEqual([
      "840 ev/s",
      "12.4 kev/s",
      "0.43 Mev/s",
      "12.4 Mev/s",
    ]);
    expect(formatCount(26_341_908)).toBe("26\u2009341\u2009908");
  });
});
