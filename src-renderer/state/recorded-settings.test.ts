// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeEngine } from "#renderer/testing/fake-engine.ts";
import { FakeStream } from "#renderer/testing/fake-stream.ts";
import { startedApp } from "#renderer/testing/started-app.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { RecordedCamera } from "#shared/api/stream-api.ts";
import type { App } from "./app.svelte.ts";
import { CapturePage } from "./capture.svelte.ts";
import { cameraFor, takeRecordedSettings } from "./recorded-settings.ts";

const device = (id: string, more: Partial<DeviceInfo> = {}): DeviceInfo => ({
  id,
  driver: "virtual",
  label: "Drawn hands",
  serial: id,
  state: "ready",
  virtual: true,
  ...more,
});
const camera: RecordedCamera = {
  driver: "virtual",
  label: "Drawn hands",
  serial: "b",
  params: { show: "rock", noiseHz: 0.1, gone: 3 },
};

describe("settings of a recording", () => {
  let app: App;
  let page: CapturePage;
  beforeEach(async () => {
    app = await startedApp(new FakeEngine());
    page = new CapturePage(app);
    for (let turn = 0; turn < 50 && app.catalog === undefined; turn++) await new Promise((done) => setTimeout(done, 5));
  });
  afterEach(() => {
    page.close();
    app.close();
    vi.restoreAllMocks();
  });

  it("go to the same camera, else to another of its kind that can be used", () => {
    expect(cameraFor([device("a"), device("b")], camera)?.id).toBe("b");
    expect(cameraFor([device("b", { state: "denied" }), device("a", { state: "open" })], camera)?.id).toBe("a");
    expect(cameraFor([device("b", { driver: "evk4" })], camera)).toBeUndefined();
  });

  it("open the camera with what differed from its defaults, and say what this version does not know", async () => {
    await takeRecordedSettings(app, page, { name: "take 7", camera });
    expect(page.device?.driver).toBe("virtual");
    expect(page.params).toEqual({ show: "rock" });
    expect(app.toasts.list.at(-1)?.text).toBe("Drawn hands is set as for take 7, without gone, which this version does not know");
  });

  it("change a camera that is open without opening it again", async () => {
    await page.open(app.devices[0]!);
    const { player } = page;
    const configure = vi.spyOn(FakeStream.prototype, "configure");
    await takeRecordedSettings(app, page, { name: "take 7", camera });
    expect(configure).toHaveBeenCalledOnce();
    expect([page.player === player, page.params]).toEqual([true, { show: "rock" }]);
  });

  it("say which camera is missing", async () => {
    app.wantedSettings = { name: "take 7", camera };
    await takeRecordedSettings(app, page, { name: "take 7", camera: { ...camera, driver: "evk4", label: "Prophesee EVK4" } });
    expect(app.faults.at(-1)?.title).toBe("The settings of take 7 are those of a Prophesee EVK4, and none is plugged in");
    expect(app.wantedSettings).toBeUndefined();
  });
});
