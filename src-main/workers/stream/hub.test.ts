import { describe, expect, it } from "vitest";
import type { EventPacket } from "#shared/events/packet.ts";
import { Hub, type Tap } from "./hub.ts";
import { packetOf, timesOf } from "./testing/fake-source.ts";

const sensor = { width: 16, height: 16 };

function listener(): Tap & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    reset: (from) => void heard.push(`reset ${from}`),
    events: (packet: EventPacket) => void heard.push(`events ${timesOf(packet).join(" ")}`),
    advance: (t) => void heard.push(`advance ${t}`),
    end: () => void heard.push("end"),
  };
}
/** Alternating polarity, OFF first. */
const alternating = (times: readonly number[]): EventPacket => packetOf(times.map((t, i) => [t, 1, 1, i % 2] as const));

describe("hub", () => {
  it("hands everything to taps before the filters, and what passes to those behind", () => {
    const hub = new Hub(sensor);
    const [raw, filtered] = [listener(), listener()];
    hub.tap("raw", raw);
    const leaving = hub.tap("filtered", filtered);
    hub.setFilters([{ id: "polarity", params: { keep: "on" } }]);
    hub.reset(5);
    hub.push(alternating([6, 7, 8, 9]));
    hub.push(packetOf([[10, 1, 1, 0]]));
    hub.advance(11);
    expect(raw.heard).toEqual(["reset 0", "reset 5", "events 6 7 8 9", "events 10", "advance 11"]);
    expect(filtered.heard).toEqual(["reset 0", "reset 5", "events 7 9", "advance 11"]);
    leaving[Symbol.dispose]();
    hub.advance(12);
    hub.end();
    expect(filtered.heard).toHaveLength(4);
    expect(raw.heard.slice(5)).toEqual(["advance 12", "end"]);
  });

  it("gives filters a fresh state at a seek", () => {
    const hub = new Hub(sensor);
    const tap = listener();
    hub.setFilters([{ id: "refractory" }]);
    hub.tap("filtered", tap);
    hub.push(
      packetOf([
        [1, 1, 1, 1],
        [2, 1, 1, 1],
      ]),
    );
    hub.reset(2);
    hub.push(packetOf([[2, 1, 1, 1]]));
    expect(tap.heard).toEqual(["reset 0", "events 1", "reset 2", "events 2"]);
  });

  it("keeps its filters when it is given wrong ones", () => {
    const hub = new Hub(sensor);
    const tap = listener();
    hub.setFilters([{ id: "polarity", params: { keep: "off" } }]);
    hub.tap("filtered", tap);
    expect(() => hub.setFilters([{ id: "polarity", params: { keep: "blue" } }])).toThrow(/keep/);
    hub.reset(0);
    hub.push(alternating([1, 2]));
    expect(tap.heard.at(-1)).toBe("events 1");
  });

  it("measures rates in stream time, before and after the filters, whatever the speed of playing", () => {
    for (const speed of [0.01, 1, 10]) {
      let wall = 0;
      const hub = new Hub(sensor, () => wall);
      hub.setFilters([{ id: "polarity", params: { keep: "on" } }]);
      hub.reset(0);
      // 2000 ev/s of stream time, three of four ON
      for (let tick = 0; tick < 100; tick++) {
        const from = Math.round(16_000 * speed * tick);
        const to = Math.round(16_000 * speed * (tick + 1));
        const times = Array.from(
          { length: Math.ceil(to / 500) - Math.ceil(from / 500) },
          (_, i) => 500 * (Math.ceil(from / 500) + i),
        );
        hub.push(packetOf(times.map((t) => [t, 1, 1, t % 2000 === 0 ? 0 : 1] as const)));
        hub.advance(to);
        wall += 16;
      }
      const { rateHz, filteredRateHz, onShare } = hub.rates();
      expect(Math.abs(rateHz / 2000 - 1)).toBeLessThan(0.15);
      expect(Math.abs(filteredRateHz / rateHz - 0.75)).toBeLessThan(0.1);
      expect(onShare).toBe(1);
    }
    expect(new Hub(sensor).rates()).toEqual({ rateHz: 0, filteredRateHz: 0, onShare: 0 });
  });

  it("tells late comers that it has ended", () => {
    const hub = new Hub(sensor);
    hub.end();
    const tap = listener();
    hub.tap("raw", tap);
    expect(tap.heard).toEqual(["reset 0", "end"]);
  });
});
