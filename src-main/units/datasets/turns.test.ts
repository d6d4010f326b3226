import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { checkAnswers } from "#main/units/codecs/answers.ts";
import { rowsFrom } from "#main/units/codecs/testing/files.ts";
import type { FoundSample } from "#shared/api/stream-api.ts";
import { aslDvs } from "./asl-dvs.ts";
import { cifar10Dvs } from "./cifar10-dvs.ts";
import { dealOut, NINE_TO_ONE, roundHalfEven } from "./parts.ts";
import { dvs128Gesture } from "./dvs128-gesture.ts";
import { put, root, useTree } from "./testing/tree.ts";

const data = sharedData();
const absent = data === undefined;
const sampleFile = (path: string): Promise<Uint8Array> => readFile(join(data ?? "", "samples", path));

useTree();

describe("dividing classes", () => {
  it("rounds half to even", () => {
    expect([0.5, 1.5, 2.5, 2.4, 76.5].map(roundHalfEven)).toEqual([0, 2, 2, 2, 76]);
  });

  it.skipIf(absent)("repeats the split of N-Caltech101 (skipped where the reference is not at hand)", async () => {
    const vectors = JSON.parse(await readFile(join(data ?? "", "..", "methods", "vectors.json"), "utf8")) as {
      readonly ncaltech101_split: { readonly class_counts: readonly number[]; readonly train_per_class: readonly number[] };
    };
    const { class_counts: counts, train_per_class: expected } = vectors.ncaltech101_split;
    const samples = counts.flatMap((count, label) =>
      Array.from({ length: count }, (_, n): FoundSample => ({ path: `${label}/${n}`, label: String(label) })),
    );
    const train = dealOut(samples, NINE_TO_ONE).filter(({ part }) => part === "train");
    expect(expected.map((_, label) => train.filter((sample) => sample.label === String(label)).length)).toEqual(expected);
  });
});

/** Events as they lie in the file, and as the sample of the data set is read. */
async function both(sample: FoundSample | undefined) {
  if (sample === undefined) throw new Error("no sample was found");
  const path = join(root, sample.path);
  const stored = await openRecording(path, { asStored: true });
  const answers = checkAnswers(sample.answers ?? {}, sample.path);
  const turned = await openRecording(path, { answers });
  const result = {
    stored: await rowsFrom(stored.recording.read({})),
    turned: await rowsFrom(turned.recording.read({})),
    sensor: turned.recording.info.sensor,
  };
  await Promise.all([stored.recording.close(), turned.recording.close()]);
  return result;
}

describe.skipIf(absent)("recordings of the reference, read as their data set says (skipped where they are not at hand)", () => {
  it("CIFAR10-DVS: x = 127 - row bits, y = 127 - column bits", async () => {
    await put("airplane/cifar10_airplane_0.aedat", await sampleFile("aedat2/jaer_MovingDarkBox.aedat"));
    const { samples, warnings } = await cifar10Dvs.read(root);
    expect(warnings.join(" ")).not.toMatch(/AEDAT 4/);
    const { stored, turned, sensor } = await both(samples[0]);
    expect(sensor).toEqual({ width: 128, height: 128 });
    expect(turned.length).toBeGreaterThan(1000);
    expect(turned).toEqual(stored.map(([t, x, y, p]) => [t, 127 - y, 127 - x, p]));
  });

  it("CIFAR10-DVS in AEDAT 4 under the suffix of AEDAT 2: rows and columns exchanged", async () => {
    await put("airplane/cifar10_airplane_0.aedat", await sampleFile("aedat4/uncompressed.aedat4"));
    const { samples, warnings } = await cifar10Dvs.read(root);
    expect(samples[0]?.answers).toMatchObject({ swapXY: "yes", flipX: "no", flipY: "no" });
    expect(warnings.join(" ")).toMatch(/AEDAT 4 copies/);
  });

  it("DVS128 Gesture: the events of a span and no others", async () => {
    await put("user01_natural.aedat", await sampleFile("aedat3/gesture_style_dvs128.aedat"));
    await put("user01_natural_labels.csv", await sampleFile("aedat3/gesture_style_dvs128_labels.csv"));
    const { samples } = await dvs128Gesture.read(root);
    expect(samples.map(({ label, range }) => [label, range?.start, range?.end])).toEqual([
      ["hand clapping", 229_602, 2_066_420],
      ["right wave", 2_525_625, 4_592_045],
      ["arm roll", 4_706_846, 7_232_471],
      ["arm roll", 7_576_875, 11_135_710],
    ]);
  });

  it("DVS128 Gesture: the real table of user01", async () => {
    await put("user01_natural.aedat", await sampleFile("aedat3/gesture_style_dvs128.aedat"));
    await put("user01_natural_labels.csv", await sampleFile("aedat3/user01_natural_labels.csv"));
    const { samples, classes } = await dvs128Gesture.read(root);
    expect(samples).toHaveLength(12);
    expect(classes).toHaveLength(11);
  });

  it.skipIf(codecs.every(({ extensions }) => !extensions.includes(".mat")))("ASL-DVS: half a turn", async () => {
    await put("a/a_0001.mat", await sampleFile("mat/asl_dvs_style.mat"));
    const { samples } = await aslDvs.read(root);
    const { stored, turned, sensor } = await both(samples[0]);
    expect(sensor).toEqual({ width: 240, height: 180 });
    expect(turned).toEqual(stored.map(([t, x, y, p]) => [t, 239 - x, 179 - y, p]));
  });
});
