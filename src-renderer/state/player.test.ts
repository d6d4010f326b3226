// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { straightOrbits } from "#renderer/gl/space-time.ts";
import { FakeEngine } from "#renderer/testing/fake-engine.ts";
import { fillLibrary } from "#renderer/testing/fake-library.ts";
import { startedApp } from "#renderer/testing/started-app.ts";
import type { App } from "./app.svelte.ts";
import { playerKeys } from "./player-keys.ts";
import { Player } from "./player.svelte.ts";
import { EventViewState } from "./view.svelte.ts";

const settle = (ms = 20): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the keys of a player", () => {
  let engine: FakeEngine;
  let app: App;
  let player: Player;
  let view: EventViewState;
  const calls = (): readonly string[] =>
    [...engine.streams.values()].at(-1)?.calls.filter((call) => !call.startsWith("seek")) ?? [];
  const press = (action: Parameters<ReturnType<typeof playerKeys>>[0]): boolean | void =>
    playerKeys(
      () => player,
      view,
      () => [],
    )(action, new KeyboardEvent("keydown"));

  beforeEach(async () => {
    engine = new FakeEngine();
    fillLibrary(engine.library, 2, 12);
    app = await startedApp(engine);
    const { path } = await app.use().library.recording("r1");
    player = await Player.open(app, { kind: "recording", path });
    view = new EventViewState(app, "test");
    player.seek(player.range.start + 5_000_000);
    await settle();
  });
  afterEach(() => {
    player.close();
    app.close();
  });

  it("play backwards at once, and forwards again without stopping", async () => {
    press("reverse");
    await settle();
    expect(player.reverse).toBe(true);
    expect(calls()).toEqual(["reverse true", "play"]);
    await settle(150);
    expect(player.status).toMatchObject({ state: "playing", reverse: true });
    press("reverse");
    await settle();
    expect(calls()).toEqual(["reverse true", "play", "reverse false"]);
  });

  it("leave a pause when time is turned forwards in it", async () => {
    press("reverse");
    await settle(150);
    player.pause();
    await settle(150);
    press("reverse");
    await settle();
    expect(calls()).toEqual(["reverse true", "play", "pause", "reverse false"]);
  });

  it("change between the flat picture and space and time, and end the drawing of a region", () => {
    view.drawing = "once";
    view.orbit = straightOrbits.xt;
    press("space-time");
    expect([view.space, view.drawing]).toEqual([true, undefined]);
    press("class-3");
    expect([view.space, view.orbit]).toEqual([false, straightOrbits.xt]);
  });

  it("take a region away: first the drawing of it, then itself, then nothing that is ours", async () => {
    player.setRegion({ x: 1, y: 2, width: 3, height: 4 });
    view.drawing = "once";
    expect(press("clear-region")).toBe(true);
    expect([view.drawing, player.region]).toEqual([undefined, { x: 1, y: 2, width: 3, height: 4 }]);
    expect(press("clear-region")).toBe(true);
    expect(player.region).toBeUndefined();
    expect(press("clear-region")).toBe(false);
    await settle();
    expect(calls()).toEqual(["filters roi 1 2 3 4", "filters "]);
  });
});
