// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import { FakeEngine } from "#renderer/testing/fake-engine.ts";
import { FakeStream } from "#renderer/testing/fake-stream.ts";
import { startedApp } from "#renderer/testing/started-app.ts";
import { fillLibrary } from "#renderer/testing/fake-library.ts";
import type { App } from "./app.svelte.ts";
import { BEFORE_US, CapturePage, TAP_MS } from "./capture.svelte.ts";

describe("capturing takes", () => {
  let engine: FakeEngine;
  let app: App;
  let page: CapturePage;
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(50);

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    engine = new FakeEngine();
    fillLibrary(engine.library, 1, 2);
    app = await startedApp(engine, settle);
    page = new CapturePage(app);
    const [device] = engine.devices;
    if (device === undefined) throw new Error("the test double has no camera");
    const opened = page.open(device);
    await settle();
    await opened;
    await page.refresh();
  });
  afterEach(() => {
    page.close();
    app.close();
    vi.useRealTimers();
  });

  it("records while a class is held, and what went by before the hold was recognised", async () => {
    const record = vi.spyOn(engine.api.streams, "record");
    page.press("c1000", false);
    await vi.advanceTimersByTimeAsync(TAP_MS + 10);
    expect(page.running).toMatchObject({ kind: "held", classId: "c1000" });
    await vi.advanceTimersByTimeAsync(1000);
    page.release();
    await settle();
    expect(page.running).toBeUndefined();
    expect(record.mock.calls[0]?.[1]).toEqual({ beforeUs: TAP_MS * 1000 });
    expect(page.takes).toHaveLength(1);
    expect(page.takes[0]?.segment).toMatchObject({ classId: "c1000", state: "labelled" });
  });

  it("takes a tap for a timed take, and Shift for the second before", async () => {
    const record = vi.spyOn(engine.api.streams, "record");
    page.stick("take", 0.5);
    page.press("c1001", true);
    await vi.advanceTimersByTimeAsync(80);
    page.release();
    await settle();
    expect(page.running).toMatchObject({ kind: "timed", classId: "c1001" });
    expect(record.mock.calls[0]?.[1]).toEqual({ beforeUs: BEFORE_US });
    await vi.advanceTimersByTimeAsync(400);
    expect(page.takes).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(page.takes).toHaveLength(1);
  });

  it("counts down before a timed take, and a second tap calls it off", async () => {
    const record = vi.spyOn(engine.api.streams, "record");
    page.stick("countdown", 3);
    const tap = async (): Promise<void> => {
      page.press("c1000", false);
      await vi.advanceTimersByTimeAsync(50);
      page.release();
    };
    await tap();
    expect(page.running?.startsAt).toBeDefined();
    await tap();
    await vi.advanceTimersByTimeAsync(5000);
    expect(page.running).toBeUndefined();
    expect(record).not.toHaveBeenCalled();
    await tap();
    await vi.advanceTimersByTimeAsync(3100);
    expect(record).toHaveBeenCalledTimes(1);
    expect(page.running?.startsAt).toBeUndefined();
  });

  it("turns a tap it heard of too late into a timed take instead of a stub", async () => {
    const at = performance.now();
    page.press("c1000", false, at);
    await vi.advanceTimersByTimeAsync(TAP_MS + 200);
    page.release(at + 60);
    expect(page.running?.kind).toBe("timed");
    await vi.advanceTimersByTimeAsync(2500);
    expect(page.takes).toHaveLength(1);
  });

  it("writes subject and condition into every take", async () => {
    page.stick("subject", "P09");
    page.stick("condition", "dim");
    page.toggleFree();
    await vi.advanceTimersByTimeAsync(500);
    page.toggleFree();
    await settle();
    expect(page.takes[0]?.segment).toMatchObject({ subject: "P09", condition: "dim" });
    expect(page.takes[0]?.segment?.classId).toBeUndefined();
  });

  it("removes the last take, and undo brings it back", async () => {
    page.toggleFree();
    await vi.advanceTimersByTimeAsync(500);
    page.toggleFree();
    await settle();
    const removed = page.removeLast();
    await settle();
    await removed;
    expect(page.takes).toHaveLength(0);
    expect(app.toasts.list.at(-1)?.text).toBe("Removed the last take");
    await app.undo();
    await page.refresh();
    expect(page.takes).toHaveLength(1);
  });
});

describe("cameras that come and go", () => {
  let engine: FakeEngine;
  let app: App;
  let page: CapturePage;
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(50);
  const camera = (key: string, more: Partial<DeviceInfo> = {}): DeviceInfo => ({
    id: `usb-152a-841a-${key}`,
    driver: "davis346",
    label: "iniVation DAVIS346",
    serial: "00000042",
    state: "ready",
    virtual: false,
    usb: { vendorId: "152a", productId: "841a", key, speed: "super" },
    ...more,
  });
  const unplug = (): void => {
    if (page.player?.status === undefined) throw new Error("no stream");
    const error = { code: "camera-gone", message: "iniVation DAVIS346 was unplugged" };
    page.player.status = { ...page.player.status, state: "failed", error };
  };

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    engine = new FakeEngine();
    fillLibrary(engine.library, 1, 2);
    app = await startedApp(engine, settle);
    page = new CapturePage(app);
  });
  afterEach(() => {
    page.close();
    app.close();
    vi.useRealTimers();
  });

  it("opens a camera that is ready, the one used last before others, and never one that is not ready or only virtual", async () => {
    page.follow([...engine.devices, camera("2-1", { state: "denied" }), camera("2-2", { state: "busy" })]);
    expect(page.device).toBeUndefined();
    page.follow([camera("2-3", { serial: "7" }), camera("2-4")]);
    await settle();
    expect(page.device?.id).toBe("usb-152a-841a-2-3");
    // At the next start it is somewhere else.
    const later = new CapturePage(app);
    later.follow([camera("1-1"), camera("1-2", { serial: "7" })]);
    await settle();
    expect(later.device?.id).toBe("usb-152a-841a-1-2");
    later.close();
  });

  it("opens a camera again when it is back at another place, and goes on recording in a new take", async () => {
    page.follow([camera("2-3")]);
    await settle();
    const record = vi.spyOn(engine.api.streams, "record");
    page.toggleFree();
    await settle();
    unplug();
    page.ended();
    await settle();
    expect(page.running).toBeUndefined();
    expect(page.takes).toHaveLength(1);
    page.follow([]);
    page.follow([camera("2-5", { serial: "another" })]);
    await settle();
    expect(page.device?.id).toBe("usb-152a-841a-2-3");
    page.follow([camera("2-9")]);
    await settle();
    await settle();
    expect(page.device?.id).toBe("usb-152a-841a-2-9");
    expect(page.running).toMatchObject({ kind: "free" });
    expect(record).toHaveBeenCalledTimes(2);
  });

  it("leaves it to a stream that waits for its camera: recording goes on, and all its takes are listed", async () => {
    page.follow([camera("2-3")]);
    await settle();
    page.toggleFree();
    await settle();
    unplug();
    page.player!.status = { ...page.player!.status!, awaiting: "recording" };
    page.ended();
    page.follow([camera("2-9")]);
    await settle();
    expect([page.device?.id, page.running?.kind, page.takes]).toEqual(["usb-152a-841a-2-3", "free", []]);
    const { awaiting: _awaiting, error: _error, ...live } = page.player!.status;
    page.player!.status = { ...live, state: "live" };
    page.wentOn();
    expect(app.toasts.list.map(({ text }) => text)).toContain("iniVation DAVIS346 is back; recording goes on in a new take");
    const stopRecording = engine.api.streams.stopRecording.bind(engine.api.streams);
    vi.spyOn(engine.api.streams, "stopRecording").mockImplementation(async (id, label) => {
      const earlier = await stopRecording(id, label);
      await engine.api.streams.record(id, {});
      return { ...(await stopRecording(id, label)), earlier: [earlier] };
    });
    page.toggleFree();
    await settle();
    expect(page.takes).toHaveLength(2);
  });

  it("records several cameras with one key, and gives each its take", async () => {
    page.follow([camera("2-3")]);
    await settle();
    await page.others.add(camera("2-4", { serial: "8" }));
    await page.others.add(camera("2-5", { serial: "9" }));
    await page.others.remove(camera("2-5"));
    const together = vi.spyOn(engine.api.streams, "recordTogether").mockResolvedValue();
    const stop = vi.spyOn(engine.api.streams, "stopRecording");
    stop.mockImplementation(async (id, label) => {
      const own = new FakeEngine().api.streams;
      await own.record(id, {});
      return own.stopRecording(id, label);
    });
    page.toggleFree();
    await settle();
    const ids = [page.player!.handle.id, ...page.others.ids];
    expect(ids).toHaveLength(2);
    expect(together.mock.calls.map(([all]) => all)).toEqual([ids]);
    page.toggleFree();
    await settle();
    expect(stop.mock.calls.map(([id]) => id)).toEqual(ids);
    page.close();
    await settle();
    expect(page.others.open).toEqual([]);
    expect(engine.streams.size).toBe(0);
  });

  it("does not begin a take of a class by itself", async () => {
    page.follow([camera("2-3")]);
    await settle();
    await page.refresh();
    page.press("c1000", false);
    await vi.advanceTimersByTimeAsync(TAP_MS + 10);
    unplug();
    page.ended();
    await settle();
    expect(page.takes[0]?.segment).toMatchObject({ classId: "c1000" });
    page.follow([camera("2-9")]);
    await settle();
    await settle();
    expect([page.device?.id, page.running]).toEqual(["usb-152a-841a-2-9", undefined]);
  });

  it("keeps the settings that hold when the camera refuses others", async () => {
    page.follow([camera("2-3")]);
    await settle();
    vi.spyOn(FakeStream.prototype, "configure").mockRejectedValue(new AppError("bad-parameter", "out of range"));
    await page.configure({ biasOn: 9999 });
    expect(page.params).toEqual({});
    expect(app.faults.at(-1)?.title).toBe("out of range");
  });
});
