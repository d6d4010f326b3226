import { describe, expect, it } from "vitest";
import type { PlayerState } from "#shared/api/stream-api.ts";
import { Player } from "./player.ts";
import { FakeClock, fakeSource, timesOf } from "./testing/fake-source.ts";

const START = 1_000_000;

function setUp(endUs = START + 100_000, everyUs = 100) {
  const source = fakeSource(START, endUs, everyUs);
  const clock = new FakeClock();
  const states: PlayerState[] = [];
  const seen: number[] = [];
  const resets: number[] = [];
  const advances: { t: number; at: number }[] = [];
  const waiting = new Set<{ state: PlayerState; resolve: () => void }>();
  const player: Player = new Player(
    source,
    source.info.range,
    {
      reset: (from) => {
        resets.push(from);
        seen.length = 0;
      },
      push: (packet) => seen.push(...timesOf(packet)),
      advance: (t) => advances.push({ t, at: clock.now() }),
      changed: (state) => {
        states.push(state);
        for (const wish of waiting) if (wish.state === state) wish.resolve();
      },
    },
    clock,
  );
  const reaches = (state: PlayerState): Promise<void> =>
    player.state === state
      ? Promise.resolve()
      : new Promise((resolve) => {
          waiting.add({ state, resolve });
        });
  return { source, clock, player, states, seen, resets, advances, reaches };
}

describe("player", () => {
  it("plays to the end: every event once, in order, in step with the clock", async () => {
    const { player, states, seen, advances, reaches } = setUp();
    expect(player.state).toBe("opening");
    player.start();
    player.play();
    await reaches("ended");
    expect(states).toEqual(["paused", "playing", "ended"]);
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => START + 100 * i));
    expect(player.t).toBe(START + 100_000);
    for (const { t, at } of advances.slice(0, -1)) expect(t - START).toBe(Math.floor(at * 1000));
    await player.close();
  });

  it("begins anew when it is played at the end", async () => {
    const { player, states, seen, reaches } = setUp();
    player.start();
    player.play();
    await reaches("ended");
    states.length = 0;
    player.play();
    await reaches("playing");
    await reaches("ended");
    expect(states).toEqual(["seeking", "playing", "ended"]);
    expect(seen).toHaveLength(1000);
    await player.close();
  });

  it("pauses where it is and goes on from there without losing or repeating an event", async () => {
    const { player, clock, states, seen, reaches } = setUp();
    player.start();
    clock.at(40, () => player.pause());
    player.play();
    await reaches("playing");
    await reaches("paused");
    const { t } = player;
    expect(t).toBeGreaterThan(START + 20_000);
    expect(t).toBeLessThan(START + 60_000);
    expect(Math.max(...seen)).toBeLessThan(t);
    player.play();
    await reaches("ended");
    expect(states).toEqual(["paused", "playing", "paused", "playing", "ended"]);
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => START + 100 * i));
    await player.close();
  });

  it("seeks while playing and plays on; a seek reads one view window before its target", async () => {
    const { player, clock, source, states, seen, resets, reaches } = setUp();
    player.setLead(5000);
    player.start();
    const sought = new Promise<void>((resolve) => {
      clock.at(20, () => void player.seek(START + 70_000).then(resolve));
    });
    player.play();
    await sought;
    expect(resets).toEqual([START + 65_000]);
    expect(source.entered.at(-1)).toBe(START + 65_000);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => START + 65_000 + 100 * i));
    await reaches("ended");
    expect(states).toEqual(["paused", "playing", "seeking", "playing", "ended"]);
    await player.close();
  });

  it("lets a newer seek take the place of an older one, and both promises are kept", async () => {
    const { player, states, resets } = setUp();
    player.start();
    await Promise.all([player.seek(START + 10_000), player.seek(START + 20_000), player.seek(START + 30_000)]);
    expect(player.t).toBe(START + 30_000);
    expect(resets).toEqual([START + 30_000]);
    expect(states.at(-1)).toBe("paused");
    expect(states.filter((state) => state === "seeking")).toHaveLength(1);
    await player.close();
  });

  it("goes on to where it was going when the place is asked for anew on the way", async () => {
    const { player, reaches } = setUp();
    player.setLead(50_000);
    player.start();
    const sought = player.seek(START + 60_000);
    await reaches("seeking");
    await player.refresh();
    await sought;
    expect(player.t).toBe(START + 60_000);
    await player.close();
  });

  it("clamps a seek to the recording", async () => {
    const { player } = setUp();
    player.start();
    await player.seek(-5);
    expect(player.t).toBe(START);
    await player.seek(1e12);
    expect(player.t).toBe(START + 100_000);
    await expect(player.seek(Number.NaN)).rejects.toMatchObject({ code: "bad-argument" });
    await player.close();
  });

  it("never asks for more than a tenth of a second at once after the machine was asleep", async () => {
    const { player, clock, advances, reaches } = setUp(START + 10_000_000, 1000);
    player.start();
    clock.at(50, () => clock.jump(60_000));
    clock.at(60_200, () => player.pause());
    player.play();
    await reaches("playing");
    await reaches("paused");
    const steps = advances.slice(1).map(({ t }, i) => t - (advances[i]?.t ?? 0));
    expect(Math.max(...steps)).toBe(100_000);
    await player.close();
  });

  it.each([0.001, 0.25, 10])("keeps a speed of %d", async (speed) => {
    const { player, clock, reaches } = setUp(START + 100_000_000, 10_000);
    player.setSpeed(speed);
    player.start();
    clock.at(2000, () => player.pause());
    player.play();
    await reaches("playing");
    const began = clock.now();
    await reaches("paused");
    const played = player.t - START;
    const wanted = (clock.now() - began) * 1000 * speed;
    expect(Math.abs(played - wanted)).toBeLessThanOrEqual(2 * 17_000 * speed + 1);
    expect(played).toBeGreaterThan(0);
    await player.close();
  });

  it("refuses speeds out of range", () => {
    const { player } = setUp();
    for (const speed of [0, -1, 10.5, Number.NaN, 0.0009]) expect(() => player.setSpeed(speed)).toThrow(/speed/);
  });

  it("plays a loop again and again, with the window before its start", async () => {
    const { player, clock, states, resets, seen, reaches } = setUp();
    player.setLead(1000);
    player.setLoop({ start: START + 20_000, end: START + 60_000 });
    player.start();
    clock.at(200, () => player.pause());
    player.play();
    await reaches("playing");
    await reaches("paused");
    expect(states).toEqual(["paused", "seeking", "playing", "paused"]);
    expect(resets.length).toBeGreaterThanOrEqual(4);
    expect(new Set(resets)).toEqual(new Set([START + 19_000]));
    expect(player.t).toBeGreaterThanOrEqual(START + 20_000);
    expect(player.t).toBeLessThan(START + 60_000);
    expect(Math.max(...seen)).toBeLessThan(START + 60_000);
    player.setLoop(undefined);
    player.play();
    await reaches("ended");
    expect(player.t).toBe(START + 100_000);
    expect(() => player.setLoop({ start: 5, end: 5 })).toThrow(/loop/);
    await player.close();
  });

  it("stays responsive in a file that cannot be read fast enough, and says how far it is behind", async () => {
    const { player, clock, reaches } = setUp(START + 10_000_000, 100);
    player.setSpeed(10);
    player.start();
    clock.lookCostMs = 15; // every look at the clock between packets costs: a packet of 1 ms takes 15 ms
    clock.at(600, () => player.pause());
    player.play();
    await reaches("playing");
    await reaches("paused");
    expect(player.behindUs).toBeGreaterThan(0);
    expect(player.t - START).toBeLessThan(200_000);
    clock.lookCostMs = 0;
    await player.seek(START);
    expect(player.behindUs).toBe(0);
    await player.close();
  });

  it("fails with the reason, and a seek tries again", async () => {
    const { player, source, states, reaches } = setUp();
    player.start();
    source.failWith(new Error("the drive was pulled"));
    player.play();
    await reaches("failed");
    expect(player.error?.message).toBe("the drive was pulled");
    await expect(player.seek(START + 50_000)).rejects.toMatchObject({ message: "the drive was pulled" });
    source.failWith(undefined);
    await player.seek(START + 50_000);
    expect(player.error).toBeUndefined();
    expect(states).toEqual(["paused", "playing", "failed", "seeking", "failed", "seeking", "paused"]);
    await player.close();
  });

  it("ends a pending seek when it is closed", async () => {
    const { player } = setUp();
    player.start();
    const sought = player.seek(START + 1000);
    await player.close();
    await expect(sought).rejects.toMatchObject({ code: "closed" });
  });

  it("plays backwards to the start: each picture a little earlier, made of the window before it", async () => {
    const { player, states, seen, resets, advances, source, reaches } = setUp();
    player.setLead(5000);
    player.start();
    await player.seek(START + 80_000);
    const [entered, before] = [source.entered.length, advances.length];
    player.setReverse(true);
    player.play();
    await reaches("ended");
    expect(states).toEqual(["paused", "seeking", "paused", "playing", "ended"]);
    expect(player.t).toBe(START);
    expect(seen).toEqual([]); // there is nothing before the start
    const shown = advances.slice(before);
    const steps = shown.map(({ t }, i) => (shown[i - 1]?.t ?? START + 80_000) - t);
    expect(shown.length).toBeGreaterThan(3);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    for (const step of steps.slice(0, -1)) expect(Math.abs(step - 16_667)).toBeLessThanOrEqual(1);
    expect(resets.slice(-shown.length)).toEqual(shown.map(({ t }) => Math.max(START, t - 5000)));
    // One reading serves many pictures.
    expect(source.entered.length - entered).toBe(1);
    await player.close();
  });

  it("shows backwards what a seek to the same time shows", async () => {
    const { player, clock, seen, reaches } = setUp();
    player.setLead(7000);
    player.start();
    await player.seek(START + 90_000);
    player.setReverse(true);
    clock.at(clock.now() + 40, () => player.pause());
    player.play();
    await reaches("playing");
    await reaches("paused");
    const { t } = player;
    expect(t).toBeLessThan(START + 70_000);
    const backwards = [...seen];
    await player.seek(t);
    expect(backwards).toEqual(seen);
    expect(backwards.length).toBe(70);
    await player.close();
  });

  it("turns round while it plays, and goes on without losing or repeating an event", async () => {
    const { player, clock, states, seen, reaches } = setUp();
    player.setLead(1000);
    player.start();
    clock.at(50, () => player.setReverse(true));
    clock.at(80, () => player.setReverse(false));
    player.play();
    await reaches("ended");
    expect(states).toEqual(["paused", "playing", "playing", "playing", "ended"]);
    expect(player.t).toBe(START + 100_000);
    expect(seen.at(-1)).toBe(START + 99_900);
    // What was shown last backwards, and everything from there on, once.
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => START + 100_000 - 100 * (seen.length - i)));
    expect(seen.length).toBeGreaterThan(500);
    await player.close();
  });

  it("begins at the end when it is played backwards at the start", async () => {
    const { player, states, advances, reaches } = setUp();
    player.start();
    player.setReverse(true);
    player.play();
    await reaches("ended");
    expect(states).toEqual(["paused", "seeking", "playing", "ended"]);
    expect(advances[0]?.t).toBe(START + 100_000);
    expect(player.t).toBe(START);
    await player.close();
  });

  it("loops backwards from the end of the loop", async () => {
    const { player, clock, advances, reaches } = setUp();
    player.setReverse(true);
    player.setLoop({ start: START + 20_000, end: START + 60_000 });
    player.start();
    await player.seek(START + 40_000);
    clock.at(clock.now() + 200, () => player.pause());
    player.play();
    await reaches("playing");
    await reaches("paused");
    const times = advances.map(({ t }) => t - START);
    expect(times.filter((t) => t === 60_000).length).toBeGreaterThanOrEqual(3);
    expect(times.filter((t) => t === 20_000).length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...times)).toBe(20_000);
    expect(Math.max(...times)).toBe(60_000);
    await player.close();
  });

  it.each([0.01, 0.25, 10])("keeps a speed of %d backwards", async (speed) => {
    const { player, clock, reaches } = setUp(START + 40_000_000, 10_000);
    player.setSpeed(speed);
    player.setReverse(true);
    player.start();
    await player.seek(START + 30_000_000);
    clock.at(clock.now() + 2000, () => player.pause());
    player.play();
    await reaches("playing");
    const began = clock.now();
    await reaches("paused");
    const played = START + 30_000_000 - player.t;
    expect(Math.abs(played - (clock.now() - began) * 1000 * speed)).toBeLessThanOrEqual(2 * 17_000 * speed + 1);
    expect(played).toBeGreaterThan(0);
    await player.close();
  });

  it("fails backwards with the reason too", async () => {
    const { player, source, reaches } = setUp();
    player.start();
    await player.seek(START + 50_000);
    source.failWith(new Error("the drive was pulled"));
    player.setReverse(true);
    player.play();
    await reaches("failed");
    expect(player.error?.message).toBe("the drive was pulled");
    await player.close();
  });
});
