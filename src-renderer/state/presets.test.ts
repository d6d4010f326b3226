// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEngine } from "#renderer/testing/fake-engine.ts";
import { startedApp } from "#renderer/testing/started-app.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import type { App } from "./app.svelte.ts";
import { Presets, settingsFor } from "./presets.svelte.ts";
import { settingsLevels } from "./sensor-sections.ts";

const spec: ParamSpec = {
  biasOn: { type: "integer", default: 5, min: 0, max: 9, label: "ON threshold", vendorName: "OnBn", group: "Biases" },
  biasBuf: { type: "integer", default: 2, label: "Buffer", vendorName: "LocalBufBn", group: "Biases", level: "expert" },
  roi: { type: "choice", default: "off", options: ["off", "window"], label: "Region of interest", group: "Region" },
  skip: { type: "boolean", default: false, label: "Skip", group: "Filters", level: "advanced", help: "Leaves out events." },
  resetClock: { type: "boolean", default: false, label: "Reset the clock", group: "Clock", level: "advanced" },
};

describe("presets", () => {
  let app: App;
  beforeEach(async () => void (app = await startedApp(new FakeEngine())));
  afterEach(() => app.close());

  it("keep what differs from the defaults by name, know which one is set, and are kept for each kind of camera", () => {
    const presets = new Presets(app, "davis346");
    presets.save("Indoor, hands", spec, { biasOn: 7, roi: "off", resetClock: true });
    expect(presets.all).toEqual({ "Indoor, hands": { biasOn: 7 } });
    expect(presets.nameOf(spec, { biasOn: 7, skip: false })).toBe("Indoor, hands");
    expect(presets.nameOf(spec, { biasOn: 8 })).toBeUndefined();
    presets.save("Indoor, hands", spec, { biasOn: 8, skip: true });
    presets.save("Outdoor", spec, { biasOn: 2 });
    expect(new Presets(app, "davis346").all).toEqual({ "Indoor, hands": { biasOn: 8, skip: true }, Outdoor: { biasOn: 2 } });
    expect(new Presets(app, "dvs128").all).toEqual({});
    presets.remove("Indoor, hands");
    expect(Object.keys(presets.all)).toEqual(["Outdoor"]);
  });

  it("survive what somebody has written by hand", () => {
    app.remember("capture.presets.evk4", "{broken");
    expect(new Presets(app, "evk4").all).toEqual({});
    app.remember("capture.presets.evk4", '{"a": 5, "b": {"biasOn": 1}}');
    expect(new Presets(app, "evk4").all).toEqual({ b: { biasOn: 1 } });
  });

  it("settings of a recording: what this version does not know is named, what is done once is left out", () => {
    expect(settingsFor(spec, { biasOn: 7, biasGone: 3, roi: "off", resetClock: true })).toEqual({
      params: { biasOn: 7 },
      unknown: ["biasGone"],
    });
  });
});

describe("the form of a sensor", () => {
  const names = Object.keys(spec);
  const shape = (search: string, values = {}) =>
    settingsLevels(spec, names, values, search).map(({ level, groups, count, changed }) => ({
      level,
      groups: groups.map(({ name, settings }) => `${name}: ${settings.join(" ")}`),
      count,
      changed,
    }));

  it("has three levels with headings, and counts what was changed", () => {
    expect(shape("", { biasBuf: 3, skip: false })).toEqual([
      { level: "basic", groups: ["Biases: biasOn", "Region: roi"], count: 2, changed: 0 },
      { level: "advanced", groups: ["Filters: skip", "Clock: resetClock"], count: 2, changed: 0 },
      { level: "expert", groups: ["Biases: biasBuf"], count: 1, changed: 1 },
    ]);
  });

  it.each([
    ["onbn", ["biasOn"]],
    ["threshold ON", ["biasOn"]],
    ["biases", ["biasOn", "biasBuf"]],
    ["leaves out", ["skip"]],
    ["nothing like it", []],
  ])("finds %j by plain name, vendor's name, heading and help", (search, found) => {
    expect(settingsLevels(spec, names, {}, search).flatMap(({ groups }) => groups.flatMap(({ settings }) => settings))).toEqual(
      found,
    );
  });
});
