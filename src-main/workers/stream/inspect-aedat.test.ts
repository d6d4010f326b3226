import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Frame, ImuSample, Trigger } from "#shared/events/beside.ts";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { inspectRecording } from "./inspect.ts";

const data = sharedData();

/** The fields of the sample manifest that are compared. Figures are as stored, before flips. */
interface Sample {
  readonly path: string;
  readonly bytes: number;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly events: number;
  readonly on: number;
  readonly off: number;
  readonly t_min_us: number;
  readonly t_max_us: number;
  readonly first_events: readonly (readonly number[])[];
  readonly last_events: readonly (readonly number[])[];
  readonly canonical_sha256: string;
  readonly to_top_left: string;
  /** AEDAT 1 and 2. */
  readonly external?: number;
  readonly ext_times?: readonly number[];
  readonly aps?: { readonly frames: number };
  /** AEDAT 3 and 4. */
  readonly frames?: { readonly count: number; readonly first: readonly Readonly<Record<string, number>>[] };
  readonly imu?: { readonly count: number; readonly first: readonly (readonly number[])[] };
  readonly triggers?: { readonly count: number };
  readonly special?: { readonly count: number };
  readonly invalid_events?: number;
}

/** What reads each sample, and the damaged places it has. */
const READERS: readonly { readonly path: string; readonly codec: string; readonly encoding: string; readonly damage?: number }[] =
  [
    { path: "aedat1/dvs128_6byte.aedat", codec: "aedat1", encoding: "aedat-dvs128-6byte" },
    { path: "aedat2/davis346_dvs_aps_imu.aedat", codec: "aedat2", encoding: "aedat-davis" },
    { path: "aedat2/dvs128_external_events.aedat", codec: "aedat2", encoding: "aedat-dvs128" },
    { path: "aedat2/iliis_checkerboard_1.aedat", codec: "aedat2", encoding: "aedat-dvs128" },
    { path: "aedat2/iliis_reveal6.aedat", codec: "aedat2", encoding: "aedat-dvs128" },
    { path: "aedat2/jaer_MovingDarkBox.aedat", codec: "aedat2", encoding: "aedat-dvs128" },
    { path: "aedat2/jaer_long_header_short.aedat", codec: "aedat2", encoding: "aedat-dvs128" },
    { path: "aedat2/negative_and_wrap.aedat", codec: "aedat2", encoding: "aedat-dvs128" },
    { path: "aedat3/davis346_all_types.aedat", codec: "aedat3", encoding: "aedat3" },
    { path: "aedat3/gesture_style_dvs128.aedat", codec: "aedat3", encoding: "aedat3" },
    { path: "aedat3/overflow_and_invalid.aedat", codec: "aedat3", encoding: "aedat3", damage: 1 },
    { path: "aedat4/aestream_davis.aedat4", codec: "aedat4", encoding: "aedat4-events" },
    { path: "aedat4/no_table_truncated.aedat4", codec: "aedat4", encoding: "aedat4-events", damage: 1 },
    { path: "aedat4/tonic_sample.aedat4", codec: "aedat4", encoding: "aedat4-events" },
    { path: "aedat4/uncompressed.aedat4", codec: "aedat4", encoding: "aedat4-events" },
    { path: "aedat4/zstd.aedat4", codec: "aedat4", encoding: "aedat4-events" },
  ];

const samples = (): readonly Sample[] =>
  data === undefined
    ? []
    : (JSON.parse(readFileSync(join(data, "samples", "manifest.json"), "utf8")) as { files: Sample[] }).files.filter(({ path }) =>
        /^aedat\d\/.*\.aedat4?$/.test(path),
      );
const inFolder = (pattern: RegExp): readonly Sample[] => samples().filter(({ path }) => pattern.test(path));

/** Everything that lies beside the events of a sample. */
async function besideIn(path: string) {
  const { recording } = await openRecording(join(data!, "samples", path));
  const [triggers, frames, imu]: [Trigger[], Frame[], ImuSample[]] = [[], [], []];
  for await (const { beside } of recording.read({ beside: true })) {
    triggers.push(...(beside?.triggers ?? []));
    frames.push(...(beside?.frames ?? []));
    imu.push(...(beside?.imu ?? []));
  }
  const report = recording.report();
  await recording.close();
  return { triggers, frames, imu, report };
}

describe.skipIf(data === undefined)("AEDAT sample recordings (reference data not at hand)", () => {
  test("all of them are there", () => expect(samples().length).toBe(READERS.length));

  test.each(READERS)("$path", async ({ path, codec, encoding, damage = 0 }) => {
    const sample = samples().find((one) => one.path === path)!;
    const found = await inspectRecording(join(data!, "samples", path), { digest: true });
    const flipped = !sample.to_top_left.startsWith("none");
    expect(found).toMatchObject({
      codec,
      encoding,
      bytes: sample.bytes,
      sensor: { width: sample.sensor.width, height: sample.sensor.height },
      range: { start: sample.t_min_us, end: sample.t_max_us + 1 },
      events: sample.events,
      on: sample.on,
      off: sample.off,
      first: sample.first_events,
      last: sample.last_events,
      digest: sample.canonical_sha256,
      orientation: { flipX: flipped, flipY: flipped, swapXY: false, invertP: false },
    });
    expect(found.damage.length).toBe(damage);
  });

  test.each(inFolder(/^aedat[12]\//))(
    "what lies beside the events of $path",
    async ({ path, external = 0, ext_times = [], aps }) => {
      const { triggers, frames, imu, report } = await besideIn(path);
      expect(triggers.length).toBe(external);
      expect(triggers.slice(0, 3).map(({ t }) => t)).toEqual(ext_times);
      expect(report.others ?? {}).toEqual(aps === undefined ? {} : { frames: aps.frames, imu: 62 });
      if (aps === undefined) return;
      // The sample was made from the first frame of the AEDAT 4 sample: three steps of the converter for each of its steps.
      const steps = Array.from(frames[0]!.pixels).reduce((sum, value) => sum + (value >>> 6) / 3, 0);
      expect(steps).toBe(4_587_151);
      const { acceleration, rotation, temperature } = imu[0]!;
      const values = [
        ...acceleration.map((value) => 8192 * value),
        340 * (temperature - 35),
        ...rotation.map((value) => 65.5 * value),
      ];
      expect(values.map(Math.round)).toEqual([-495, -8120, -798, -2464, 423, 169, -11]);
    },
  );

  test.each(inFolder(/^aedat3\//))("what lies beside the events of $path", async (sample) => {
    const { triggers, frames, imu, report } = await besideIn(sample.path);
    const { frames: counted = 0, imu: readings = 0, resets = 0 } = report.others ?? {};
    expect([frames.length, imu.length]).toEqual([counted, readings]);
    expect([counted, readings, triggers.length + resets]).toEqual([
      sample.frames!.count,
      sample.imu!.count,
      sample.special!.count,
    ]);
    expect(report.dropped).toEqual(sample.invalid_events === 0 ? {} : { "marked as invalid": sample.invalid_events });
    if (counted === 0) return;
    const [first] = sample.frames!.first;
    const { width, height, channels, exposure, readout, pixels } = frames[0]!;
    expect([width, height, channels]).toEqual([first!["w"], first!["h"], first!["ch"]]);
    expect(exposure).toEqual({ start: first!["soe"], end: first!["eoe"] });
    expect(readout).toEqual({ start: first!["sof"], end: first!["eof"] });
    expect(Array.from(pixels).reduce((sum, value) => sum + value, 0)).toBe(first!["sum_pixels"]);
    const { t, acceleration, rotation, temperature } = imu[0]!;
    expect([t, ...acceleration, ...rotation, temperature]).toEqual(sample.imu!.first[0]);
  });

  test.each(inFolder(/^aedat4\//))("what lies beside the events of $path", async (sample) => {
    const { triggers, frames, imu, report } = await besideIn(sample.path);
    const others = report.others ?? {};
    expect([others["frames"] ?? 0, others["imu"] ?? 0]).toEqual([frames.length, imu.length]);
    expect([frames.length, imu.length]).toEqual([sample.frames!.count, sample.imu!.count]);
    expect(triggers.length + (others["frame marks"] ?? 0)).toBe(sample.triggers!.count);
    const [first] = sample.frames!.first;
    if (first !== undefined) {
      const { t, width, height, exposure, readout, pixels } = frames[0]!;
      expect({ t, w: width, h: height, sum_bytes: Array.from(pixels).reduce((sum, value) => sum + value, 0) }).toEqual({
        t: first["t"],
        w: first["w"],
        h: first["h"],
        sum_bytes: first["sum_bytes"],
      });
      expect(exposure).toEqual({ start: first["exposure_start"], end: first["exposure_end"] });
      expect(readout).toEqual({ start: first["start"], end: first["end"] });
    }
    const { t, temperature, acceleration, rotation } = imu[0]!;
    expect([t, temperature, ...acceleration, ...rotation, 0, 0, 0]).toEqual(sample.imu!.first[0]);
  });
});
