import { describe, expect, it } from "vitest";
import { MAX_VIEW_EVENTS, MAX_VIEW_FRAME_BYTES, type ViewFrame } from "#shared/api/stream-api.ts";
import { packXyp } from "#shared/events/packet.ts";
import { packetOf, timesOf } from "./testing/fake-source.ts";
import { ViewTap, viewFrames } from "./view.ts";

const sensor = { width: 20, height: 10 };

const eventsIn = (frame: ViewFrame): number[] => (frame.kind === "events" ? timesOf(frame.packet) : []);

function many(count: number, t0 = 0) {
  const words = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    words[2 * i] = i % 1000;
    words[2 * i + 1] = packXyp(3, 2, i % 4 === 0 ? 0 : 1);
  }
  return { t0, words };
}

describe("view", () => {
  it("gives the new events, says since when, and begins with a reset", async () => {
    const tap = new ViewTap(sensor);
    tap.reset(100);
    tap.events(
      packetOf(
        [
          [100, 1, 1, 1],
          [150, 2, 1, 0],
        ],
        90,
      ),
    );
    tap.advance(200);
    expect(await tap.wanted()).toBe(true);
    const first = tap.take();
    expect(first).toMatchObject({ kind: "events", t: 200, from: 100, reset: true });
    expect(eventsIn(first)).toEqual([100, 150]);
    tap.events(packetOf([[210, 1, 1, 1]], 190));
    tap.advance(300);
    const second = tap.take();
    expect(second).toMatchObject({ kind: "events", t: 300, from: 200, reset: false });
    expect(eventsIn(second)).toEqual([210]);
  });

  it("covers everything when frames are skipped", () => {
    const tap = new ViewTap(sensor);
    tap.reset(0);
    for (let t = 0; t < 1000; t += 10) {
      tap.events(packetOf([[t, 1, 1, 1]], t));
      tap.advance(t + 10);
    }
    const frame = tap.take();
    expect(frame).toMatchObject({ from: 0, t: 1000 });
    expect(eventsIn(frame)).toEqual(Array.from({ length: 100 }, (_, i) => 10 * i));
  });

  it("shows silence too: a frame without events when time passes", async () => {
    const tap = new ViewTap(sensor);
    tap.reset(0);
    tap.advance(10);
    tap.take();
    tap.advance(20);
    expect(await tap.wanted()).toBe(true);
    expect(tap.take()).toMatchObject({ kind: "events", from: 10, t: 20 });
  });

  it("forgets what was before a reset", () => {
    const tap = new ViewTap(sensor);
    tap.reset(0);
    tap.events(packetOf([[5, 1, 1, 1]]));
    tap.advance(10);
    tap.reset(500);
    tap.events(packetOf([[501, 1, 1, 1]], 450));
    tap.advance(600);
    const frame = tap.take();
    expect(frame).toMatchObject({ reset: true, from: 500, t: 600 });
    expect(eventsIn(frame)).toEqual([501]);
  });

  it("counts per pixel when there are too many, those before included, and clips at 255", () => {
    const tap = new ViewTap(sensor);
    tap.reset(0);
    tap.events(
      packetOf([
        [0, 19, 9, 1],
        [1, 19, 9, 1],
        [2, 0, 9, 0],
      ]),
    );
    tap.events(many(MAX_VIEW_EVENTS));
    tap.advance(2000);
    const frame = tap.take();
    if (frame.kind !== "counts") throw new Error("expected counts");
    expect(frame).toMatchObject({ width: 20, height: 10, factor: 1, events: MAX_VIEW_EVENTS + 3 });
    expect(frame.on[9 * 20 + 19]).toBe(2);
    expect(frame.off[9 * 20]).toBe(1);
    expect(frame.on[2 * 20 + 3]).toBe(255);
    expect(frame.off[2 * 20 + 3]).toBe(255);
    expect(frame.on.reduce((sum, count) => sum + count, 0)).toBe(257);
    tap.events(packetOf([[2001, 1, 1, 1]], 2000));
    tap.advance(3000);
    expect(tap.take().kind).toBe("events");
  });

  it("never exceeds the size of a frame", () => {
    for (const large of [
      { width: 1280, height: 720 },
      { width: 2048, height: 2048 },
      { width: 5000, height: 3 },
    ]) {
      const tap = new ViewTap(large);
      tap.reset(0);
      tap.events(packetOf([[0, large.width - 1, large.height - 1, 1]]));
      tap.events(many(MAX_VIEW_EVENTS));
      tap.advance(2000);
      const frame = tap.take();
      if (frame.kind !== "counts") throw new Error("expected counts");
      expect(frame.off.length + frame.on.length).toBeLessThanOrEqual(MAX_VIEW_FRAME_BYTES);
      expect(frame.off.length).toBe(frame.width * frame.height);
      expect(frame.width).toBe(Math.ceil(large.width / frame.factor));
      expect(frame.on.at(-1)).toBe(1);
      const events = new ViewTap(large);
      events.reset(0);
      events.events(many(MAX_VIEW_EVENTS));
      events.advance(2000);
      const full = events.take();
      if (full.kind !== "events") throw new Error("expected events");
      expect(full.packet.words.byteLength).toBeLessThanOrEqual(MAX_VIEW_FRAME_BYTES);
    }
    expect(new ViewTap({ width: 1280, height: 720 })).toBeDefined();
  });

  it("does not touch a frame while the next three are made", () => {
    const tap = new ViewTap(sensor);
    tap.reset(0);
    const frames: ViewFrame[] = [];
    for (let i = 0; i < 4; i++) {
      tap.events(packetOf([[100 * i, i, 0, 1]]));
      tap.advance(100 * i + 50);
      frames.push(tap.take());
    }
    expect(frames.map(eventsIn)).toEqual([[0], [100], [200], [300]]);
  });

  it("joins packets with other base times, also earlier ones", () => {
    const tap = new ViewTap(sensor);
    tap.reset(100_000);
    tap.events(packetOf([[100_010, 1, 1, 1]], 100_005));
    tap.events(packetOf([[100_020, 1, 1, 1]], 60_000));
    tap.events(packetOf([[100_030, 1, 1, 1]], 100_030));
    tap.advance(200_000);
    expect(eventsIn(tap.take())).toEqual([100_010, 100_020, 100_030]);
  });

  it("as a feed: at most one frame a credit, and it ends with its signal", async () => {
    const tap = new ViewTap(sensor);
    const leave = new AbortController();
    const frames = viewFrames(tap, leave.signal);
    tap.reset(0);
    const first = frames.next();
    tap.advance(10);
    expect((await first).value).toMatchObject({ t: 10 });
    tap.advance(20);
    tap.advance(30);
    expect((await frames.next()).value).toMatchObject({ from: 10, t: 30 });
    const waiting = frames.next();
    leave.abort();
    expect((await waiting).done).toBe(true);
  });
});
