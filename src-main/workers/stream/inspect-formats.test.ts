import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { inspectRecording } from "./inspect.ts";

const data = sharedData();

/** The fields of the sample manifest that are compared. Figures are as stored, before flips. */
interface Sample {
  readonly path: string;
  readonly format: string;
  readonly bytes: number;
  readonly sensor: { readonly width: number | null; readonly height: number | null };
  readonly events: number;
  readonly on: number;
  readonly off: number;
  readonly t_min_us: number;
  readonly t_max_us: number;
  readonly first_events: readonly (readonly number[])[];
  readonly last_events: readonly (readonly number[])[];
  readonly canonical_sha256: string;
  readonly triggers?: { readonly count: number };
}

/** What reads the samples of a folder; `damage` where a sample is damaged, `refused` where it holds no events of a camera. */
interface Expected {
  readonly codec: string;
  readonly encoding: string;
  readonly damage?: number;
  readonly refused?: string;
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  "es/atis_with_exposure.es": { codec: "event-stream", encoding: "event-stream-atis" },
  "es/cpphots_trcl0.es": { codec: "event-stream", encoding: "event-stream-dvs" },
  "es/faery_dvs.es": { codec: "event-stream", encoding: "event-stream-dvs" },
  "es/faery_generic.es": { codec: "event-stream", encoding: "", refused: "unsupported" },
  "es/truncated.es": { codec: "event-stream", encoding: "event-stream-dvs", damage: 1 },
  "npy/expelliarmus_evt3_sample.npy": { codec: "npy", encoding: "npy" },
  "npy/matrix_t_x_y_p.npy": { codec: "npy", encoding: "npy" },
  "ros/dvs_msgs_lz4.bag": { codec: "rosbag", encoding: "event-array" },
  "ros/dvs_msgs_none.bag": { codec: "rosbag", encoding: "event-array" },
  "ros/mono_cd.db3": { codec: "ros2-sqlite", encoding: "mono" },
  "ros/test_events_1.bag": { codec: "rosbag", encoding: "evt3" },
  "npy/tonic_xytp.npy": { codec: "npy", encoding: "npy" },
  "mat/asl_dvs_style.mat": { codec: "mat", encoding: "mat" },
  "mat/lifetime_building.mat": { codec: "mat", encoding: "mat" },
  "mat/td_struct_one_based.mat": { codec: "mat", encoding: "mat" },
  "mat/tonic_sample_stmnist.mat": { codec: "mat", encoding: "mat", refused: "unsupported" },
  "npy/spikingjelly_txyp.npz": { codec: "npz", encoding: "npz" },
  "text/evlibpy_event.txt": { codec: "text", encoding: "text" },
  "text/faery_style.csv": { codec: "text", encoding: "text" },
  "text/header_comma_us.csv": { codec: "text", encoding: "text" },
  "text/semicolon_pm1.csv": { codec: "text", encoding: "text" },
  "text/size_first_line_and_broken.txt": { codec: "text", encoding: "text", damage: 2 },
  "text/slider_depth_events_chunk.txt": { codec: "text", encoding: "text" },
  "text/vendor_x_y_p_t.csv": { codec: "text", encoding: "text" },
  "hdf5/dsec_blosc_zstd.h5": { codec: "dsec-hdf5", encoding: "hdf5" },
  "hdf5/dsec_gzip.h5": { codec: "dsec-hdf5", encoding: "hdf5" },
  "hdf5/evlibpy_event.hdf5": { codec: "hdf5-columns", encoding: "hdf5" },
  "hdf5/m3ed_left.h5": { codec: "hdf5-columns", encoding: "hdf5" },
  "hdf5/mvsec_davis_left.hdf5": { codec: "hdf5-columns", encoding: "hdf5" },
};

const samples = (): readonly Sample[] =>
  data === undefined
    ? []
    : (JSON.parse(readFileSync(join(data, "samples", "manifest.json"), "utf8")) as { files: Sample[] }).files;
const chosen = samples().flatMap((sample) => {
  const expected = EXPECTED[sample.path];
  return expected === undefined ? [] : [{ ...sample, expected }];
});

describe.skipIf(data === undefined)("sample recordings of other programs (reference data not at hand)", () => {
  test("all of them are there", () => expect(chosen.length).toBe(Object.keys(EXPECTED).length));

  test.each(chosen.filter(({ expected }) => expected.refused === undefined))("$path", async (sample) => {
    const { codec, encoding, damage = 0 } = sample.expected;
    const found = await inspectRecording(join(data!, "samples", sample.path), { digest: true });
    const { width, height } = sample.sensor;
    expect(found).toMatchObject({
      codec,
      encoding,
      bytes: sample.bytes,
      sensor: width === null || height === null ? {} : { width, height },
      range: { start: sample.t_min_us, end: sample.t_max_us + 1 },
      events: sample.events,
      on: sample.on,
      off: sample.off,
      first: sample.first_events,
      last: sample.last_events,
      triggers: sample.triggers?.count ?? 0,
      digest: sample.canonical_sha256,
      orientation: {
        ...{ flipY: sample.format.startsWith("event-stream"), flipX: false, swapXY: false, invertP: false },
        ...(sample.path.includes("one_based") ? { oneBased: true } : {}),
      },
    });
    expect(found.damage.length).toBe(damage);
  });

  test.each(chosen.filter(({ expected }) => expected.refused !== undefined))("$path is refused", async ({ path, expected }) => {
    const file = join(data!, "samples", path);
    const error = await inspectRecording(file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expected.refused });
    expect((error as Error).message).toContain(file);
  });
});
